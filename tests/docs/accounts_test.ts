import { assertEquals } from "@std/assert";
import { Throttle } from "../../lib/chat/throttle.ts";

/** The numbers in each row of the table of docs/accounts.md. */
async function rows(): Promise<number[][]> {
  const text = await Deno.readTextFile(
    new URL("../../docs/accounts.md", import.meta.url),
  );
  return text.split("\n").filter((line) => /^\| +\d/.test(line)).map((line) =>
    line.split("|").slice(1, -1).map((cell) => parseInt(cell.replace(",", "")))
  );
}

/** ms between the last of so many failures and the next attempt. */
function gap(count: number, login: (index: number) => [string, string]) {
  const throttle = new Throttle();
  const wait = (index: number, now: number) => {
    const [account, address] = login(index);
    const answer = throttle.begin({ account, address }, now);
    return answer.type === "admitted" ? answer.wait : NaN;
  };
  let last = 0;
  for (let index = 0; index < count; index++) last = wait(index, 0);
  return wait(count, last);
}

Deno.test("docs/accounts.md states how long an attempt waits", async () => {
  const found = await rows();
  assertEquals(found.length, 7);
  for (const [account = NaN, address = NaN, wait] of found) {
    assertEquals(gap(account, (index) => ["alice", `192.0.2.${index}`]), wait);
    assertEquals(gap(address, (index) => [`name${index}`, "192.0.2.1"]), wait);
  }
});
