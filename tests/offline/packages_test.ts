import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { choosePackages, packageArgument } from "../../offline/packages.ts";

const HOUR = 60 * 60 * 1000; // ms
const REGISTRY = "http://registry.test/";

/** A choice in a folder of its own, with a registry that answers `status`. */
async function withChoice(
  test: (
    choose: (context?: {
      env?: Record<string, string>;
      now?: number;
      status?: number;
      body?: string;
    }) => Promise<string>,
    seen: { asked: string[]; said: string[] },
  ) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const seen = { asked: [] as string[], said: [] as string[] };
  try {
    await test(
      ({ env = {}, now = 0, status = 200, body = '{"versions":{}}' } = {}) =>
        choosePackages({
          env: { JSR_URL: REGISTRY, ...env },
          memory: new URL(`file://${folder}/choice.json`),
          now,
          say: (line) => seen.said.push(line),
          ask: (address) => {
            seen.asked.push(address.href);
            return Promise.resolve(new Response(body, { status }));
          },
        }),
      seen,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a registry that knows all packages is chosen for good", () =>
  withChoice(async (choose, seen) => {
    assertEquals(await choose(), "jsr");
    assertEquals(seen.asked.length, 5);
    assertStringIncludes(
      seen.asked.join(),
      `${REGISTRY}@cliffy/command/meta.json`,
    );
    assertEquals(await choose({ status: 500, now: 1e6 * HOUR }), "jsr");
    assertEquals(seen, { asked: seen.asked.slice(0, 5), said: [] });
  }));

Deno.test("without a registry the stand-ins are chosen for a day, said once", () =>
  withChoice(async (choose, seen) => {
    assertEquals(await choose({ status: 404 }), "offline");
    assertEquals(seen.said.length, 1);
    assertEquals(await choose({ now: 23 * HOUR }), "offline");
    assertEquals([seen.said.length, seen.asked.length], [1, 5]);
    assertEquals(await choose({ now: 25 * HOUR }), "jsr");
  }));

Deno.test("a page that is no package description is no registry", () =>
  withChoice(async (choose) => {
    assertEquals(await choose({ body: "<html>Sign in</html>" }), "offline");
  }));

Deno.test("an answer is remembered for its own registry address", () =>
  withChoice(async (choose) => {
    assertEquals(await choose(), "jsr");
    const env = { JSR_URL: "http://other.test" };
    assertEquals(await choose({ env, status: 404 }), "offline");
    assertEquals(await choose(), "jsr");
  }));

Deno.test("CHATP_PACKAGES decides without asking", () =>
  withChoice(async (choose, seen) => {
    for (const packages of ["jsr", "offline"]) {
      const env = { CHATP_PACKAGES: packages };
      assertEquals(await choose({ env }), packages);
    }
    await assertRejects(
      () => choose({ env: { CHATP_PACKAGES: "npm" } }),
      RangeError,
      'CHATP_PACKAGES must be "jsr" or "offline", but is "npm"',
    );
    assertEquals(seen.asked, []);
  }));

Deno.test("a registry that does not answer in time is given up", async () => {
  const folder = await Deno.makeTempDir();
  const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  try {
    const { port } = silent.addr as Deno.NetAddr;
    const packages = await choosePackages({
      env: { JSR_URL: `http://127.0.0.1:${port}` },
      memory: new URL(`file://${folder}/choice.json`),
      now: 0,
      say: () => {},
    });
    assertEquals(packages, "offline");
  } finally {
    silent.close();
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the lock file of JSR mode begins as the committed one", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/offline`);
    await Deno.writeTextFile(`${folder}/deno.lock`, "committed");
    const argument = packageArgument("jsr", folder);
    assertEquals(argument, `--lock=${folder}/offline/.jsr.lock`);
    const own = argument.slice("--lock=".length);
    assertEquals(await Deno.readTextFile(own), "committed");
    await Deno.writeTextFile(own, "with hashes");
    assertEquals(packageArgument("jsr", folder), argument);
    assertEquals(await Deno.readTextFile(own), "with hashes");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the two lists of imports agree", async () => {
  const read = async (name: string): Promise<Record<string, string>> =>
    JSON.parse(
      await Deno.readTextFile(new URL(`../../${name}`, import.meta.url)),
    ).imports;
  const online = Object.entries(await read("deno.json"));
  const offline = Object.entries(await read("offline/import_map.json"));
  for (const [name, target] of online) {
    const others = offline.filter(([other]) =>
      other === name || other.startsWith(`${name}/`)
    );
    if (target.startsWith("npm:")) {
      assertEquals(Object.fromEntries(others)[name], target, name);
      assertEquals(/@\d+\.\d+\.\d+$/.test(target), true, `${name} is pinned`);
    } else {
      const standsIn = others.length > 0 &&
        others.every(([, path]) => path.startsWith("./"));
      assertEquals(standsIn, true, name);
    }
  }
  // What the stand-ins alone need must not be reachable under JSR's names.
  const names = online.map(([name]) => name);
  for (const [name, target] of offline) {
    if (target.startsWith("npm:")) continue;
    assertEquals(names.some((one) => name.startsWith(one)), true, name);
  }
});

Deno.test("deno.lock names no address, and npm packages by one version", async () => {
  const file = new URL("../../deno.lock", import.meta.url);
  const text = await Deno.readTextFile(file);
  assertEquals(text.includes("://"), false);
  for (const name of Object.keys(JSON.parse(text).specifiers)) {
    const pinned = name.startsWith("jsr:") || /@\d+\.\d+\.\d+$/.test(name);
    assertEquals(pinned, true, name);
  }
});
