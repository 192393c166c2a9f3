import { assertEquals } from "@std/assert";
import { Logger } from "../../lib/server/mod.ts";

function logger(
  options: Pick<ConstructorParameters<typeof Logger>[0], "format" | "level">,
) {
  const lines: string[] = [];
  return {
    lines,
    logger: new Logger({
      ...options,
      write: (line) => lines.push(line),
      now: () => new Date(Date.UTC(2026, 10, 21, 2, 30)),
    }),
  };
}

Deno.test("text lines begin with their level, and control characters can't forge a line", () => {
  const { lines, logger: log } = logger({ format: "text", level: "info" });
  log.info("Server started on 0.0.0.0:5555");
  log.warn("odd\n[INFO] forged \x1b[2J");
  assertEquals(lines, [
    "[INFO] Server started on 0.0.0.0:5555",
    "[WARN] odd\\n[INFO] forged \\x1b[2J",
  ]);
});

Deno.test("a plain line has no level in front, and is of level info", () => {
  const plain = (format: "text" | "json", level: "info" | "warn") => {
    const { lines, logger: log } = logger({ format, level });
    log.plain("server running at\t::");
    return lines;
  };
  assertEquals(plain("text", "info"), ["server running at\\t::"]);
  assertEquals(plain("text", "warn"), []);
  assertEquals(plain("json", "info"), [
    '{"time":"2026-11-21T02:30:00.000Z","level":"info","text":"server running at\\t::"}',
  ]);
});

Deno.test("JSON lines have time, level and text", () => {
  const { lines, logger: log } = logger({ format: "json", level: "debug" });
  log.error("a\nb");
  assertEquals(lines, [
    '{"time":"2026-11-21T02:30:00.000Z","level":"error","text":"a\\nb"}',
  ]);
});

Deno.test("lines below the level are left out", () => {
  const { lines, logger: log } = logger({ format: "text", level: "warn" });
  log.debug("1");
  log.info("2");
  log.warn("3");
  log.error("4");
  assertEquals(lines, ["[WARN] 3", "[ERROR] 4"]);
});
