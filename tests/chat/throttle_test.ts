import fc from "fast-check";
import { assert, assertEquals } from "@std/assert";
import {
  type Admitted,
  type Login,
  Throttle,
} from "../../lib/chat/throttle.ts";

const HERE = "192.0.2.1";

/** What an attempt comes to: the wait in ms, or the seconds of a refusal. */
function begin(
  throttle: Throttle,
  account: string,
  address: string,
  now: number,
): number | string {
  const answer = throttle.begin({ account, address }, now);
  return answer.type === "admitted" ? answer.wait : `${answer.seconds} s`;
}

function admitted(throttle: Throttle, login: Login, now: number): Admitted {
  const answer = throttle.begin(login, now);
  assert(answer.type === "admitted");
  return answer;
}

/** A good login at once. */
function logIn(throttle: Throttle, login: Login, now: number): void {
  throttle.succeeded(admitted(throttle, login, now), now);
}

/** An address for each number. */
const address = (index: number) => `198.51.${index >> 8}.${index & 255}`;

Deno.test("guesses one after another wait 0, 0, 0, 0, 250 ms and then twice as long up to 8 s", () => {
  const throttle = new Throttle();
  let now = 1_000_000;
  const waits = Array.from({ length: 12 }, () => {
    const wait = begin(throttle, "alice", HERE, now);
    now += Number(wait);
    return wait;
  });
  assertEquals(
    waits,
    [0, 0, 0, 0, 250, 500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000],
  );
});

Deno.test("guesses at the same time begin when those one after another would", () => {
  const throttle = new Throttle();
  assertEquals(
    Array.from({ length: 11 }, () => begin(throttle, "alice", HERE, 7)),
    [0, 0, 0, 0, 250, 750, 1_750, 3_750, 7_750, "16 s", "16 s"],
  );
});

Deno.test("guesses at an account wait together, whatever addresses they come from", () => {
  const throttle = new Throttle();
  assertEquals(
    Array.from(
      { length: 7 },
      (_, index) => begin(throttle, "alice", address(index), 0),
    ),
    [0, 0, 0, 0, 250, 750, 1_750],
  );
  assertEquals(begin(throttle, "bob", address(1), 0), 0);
});

Deno.test("guesses from an address wait together after 20, whatever names they try", () => {
  const throttle = new Throttle();
  const guess = (index: number) => begin(throttle, `name${index}`, HERE, 0);
  assertEquals(
    Array.from({ length: 21 }, (_, index) => guess(index)),
    Array(21).fill(0),
  );
  assertEquals(
    Array.from({ length: 6 }, (_, index) => guess(21 + index)),
    [250, 750, 1_750, 3_750, 7_750, "16 s"],
  );
  assertEquals(begin(throttle, "name1", address(1), 0), 0);
});

Deno.test("guesses from one half of IPv6 addresses wait together", () => {
  const throttle = new Throttle();
  const waits = Array.from(
    { length: 23 },
    (_, index) => begin(throttle, `name${index}`, `2001:db8::${index}`, 0),
  );
  assertEquals(waits.slice(-3), [0, 250, 750]);
  assertEquals(begin(throttle, "name", "2001:db8:0:1::1", 0), 0);
});

Deno.test("a refusal changes nothing, and the seconds it says are enough", () => {
  const throttle = new Throttle();
  for (let count = 0; count < 9; count++) {
    begin(throttle, "alice", HERE, 0);
  }
  for (let count = 0; count < 1_000; count++) {
    assertEquals(begin(throttle, "alice", HERE, 0), "16 s");
  }
  assertEquals(begin(throttle, "alice", HERE, 7_749), "9 s");
  assertEquals(begin(throttle, "alice", HERE, 16_000), 0);
});

Deno.test("half of the failures are forgotten in two minutes, all in a quarter of an hour", () => {
  const minutes = 60_000;
  /** What six more wait after eight failures and some quiet. */
  const waitsAfter = (quiet: number) => {
    const throttle = new Throttle();
    const guess = (now: number) => begin(throttle, "alice", HERE, now);
    for (let count = 0; count < 8; count++) guess(0);
    return Array.from({ length: 6 }, () => guess(quiet));
  };
  assertEquals(waitsAfter(0), [7_750, "16 s", "16 s", "16 s", "16 s", "16 s"]);
  assertEquals(
    waitsAfter(2 * minutes),
    [0, 500, 1_500, 3_500, 7_500, "16 s"],
  );
  assertEquals(waitsAfter(4 * minutes), [0, 0, 250, 750, 1_750, 3_750]);
  assertEquals(waitsAfter(6 * minutes), [0, 0, 0, 250, 750, 1_750]);
  assertEquals(waitsAfter(15 * minutes), [0, 0, 0, 0, 250, 750]);
});

Deno.test("a success forgets the account's failures", () => {
  const throttle = new Throttle();
  for (let count = 0; count < 5; count++) {
    begin(throttle, "alice", address(count), 0);
  }
  const login = { account: "alice", address: HERE };
  const answer = admitted(throttle, login, 0);
  assertEquals(answer.wait, 750);
  throttle.succeeded(answer, 800);
  assertEquals(begin(throttle, "alice", address(9), 800), 0);
});

Deno.test("a success takes back its own failure at the address and no other", () => {
  const throttle = new Throttle();
  for (let count = 0; count < 20; count++) {
    begin(throttle, `name${count}`, HERE, 0);
  }
  for (let count = 0; count < 100; count++) {
    logIn(throttle, { account: `good${count}`, address: HERE }, 0);
  }
  assertEquals(begin(throttle, "bob", HERE, 0), 0);
  assertEquals(begin(throttle, "carla", HERE, 0), 250);
});

Deno.test("one who has an account does not get more guesses by logging in between", () => {
  const throttle = new Throttle();
  const begun: number[] = [];
  for (let now = 0; now < 3_600_000; now += 100) {
    // A new account each time: a familiar one is counted elsewhere.
    const good = throttle.begin({ account: `my${now}`, address: HERE }, now);
    if (good.type === "admitted") throttle.succeeded(good, now);
    const guess = begin(throttle, `name${now}`, HERE, now);
    if (typeof guess === "number") begun.push(now + guess);
  }
  assert(begun.length < 600, `${begun.length} guesses`);
});

Deno.test("an owner gets in from a familiar address while others hammer the account", () => {
  const throttle = new Throttle();
  const owner = { account: "alice", address: HERE };
  logIn(throttle, owner, 0);
  for (let now = 0; now < 60_000; now += 10) {
    begin(throttle, "alice", address(now % 1_000), now);
    if (now % 5_000 !== 0) continue;
    assertEquals(admitted(throttle, owner, now).wait, 0);
    logIn(throttle, owner, now);
  }
  assertEquals(typeof begin(throttle, "alice", address(1), 60_000), "string");
});

Deno.test("an owner gets in from an address from which others are hammered", () => {
  const throttle = new Throttle();
  const owner = { account: "alice", address: HERE };
  logIn(throttle, owner, 0);
  for (let count = 0; count < 100; count++) {
    begin(throttle, `name${count}`, HERE, 1);
  }
  assertEquals(begin(throttle, "bob", HERE, 2), "16 s");
  assertEquals(admitted(throttle, owner, 2).wait, 0);
});

Deno.test("guesses from a familiar address wait as any others", () => {
  const throttle = new Throttle();
  logIn(throttle, { account: "alice", address: HERE }, 0);
  assertEquals(
    Array.from({ length: 6 }, () => begin(throttle, "alice", HERE, 0)),
    [0, 0, 0, 0, 250, 750],
  );
});

Deno.test("of an account the five addresses that it last logged in from are familiar", () => {
  const throttle = new Throttle();
  for (const index of [1, 2, 1, 3, 4, 5, 6]) {
    logIn(throttle, { account: "alice", address: address(index) }, 0);
  }
  const familiar = [1, 2, 3, 4, 5, 6].filter((index) =>
    admitted(throttle, { account: "alice", address: address(index) }, 0)
      .familiar
  );
  assertEquals(familiar, [1, 3, 4, 5, 6]);
});

Deno.test("a clock that is set back by a day makes nobody wait for a day", () => {
  const throttle = new Throttle();
  const day = 86_400_000;
  for (let count = 0; count < 6; count++) {
    begin(throttle, "alice", HERE, day);
  }
  assertEquals(begin(throttle, "alice", HERE, 0), 1_750);
});

Deno.test("guesses as fast as they can be are no more than 450 an hour at an account, 550 from an address", () => {
  const account = new Throttle();
  const from = new Throttle();
  const begun = { account: 0, address: 0 };
  const hours = 4;
  for (let now = 0; now < hours * 3_600_000; now += 50) {
    const one = begin(account, "alice", address(now % 50_000), now);
    if (typeof one === "number") begun.account++;
    const two = begin(from, `name${now}`, HERE, now);
    if (typeof two === "number") begun.address++;
  }
  assert(begun.account <= hours * 450 + 10, `${begun.account} at an account`);
  assert(begun.address <= hours * 550 + 30, `${begun.address} from an address`);
});

Deno.test("there are never more than 10,000 keys, and those in use stay", () => {
  const throttle = new Throttle();
  for (let index = 0; index < 20_000; index++) {
    if (index % 1_000 === 0) begin(throttle, "alice", HERE, index * 100);
    begin(throttle, `name${index}`, address(index % 60_000), index * 100);
  }
  assertEquals(throttle.size, 10_000);
  const waits = Array.from(
    { length: 4 },
    () => Number(begin(throttle, "alice", HERE, 2_000_000)),
  );
  assert(waits.some((wait) => wait > 0), `${waits}`);
});

/** Attempts of few people from few places, each some time after the last. */
const attempts = fc.array(
  fc.record({
    account: fc.constantFrom("alice", "bob", "carla"),
    address: fc.constantFrom(HERE, "192.0.2.2", "2001:db8::1"),
    after: fc.oneof(fc.nat(300), fc.nat(20_000), fc.nat(1_000_000)),
    good: fc.boolean(),
  }),
  { maxLength: 60 },
);

Deno.test("whatever is tried, nobody waits more than 8 s or is told to come back later than in 16 s", () => {
  fc.assert(fc.property(attempts, (list) => {
    const throttle = new Throttle();
    let now = 0;
    for (const { after, good, ...login } of list) {
      now += after;
      const answer = throttle.begin(login, now);
      if (answer.type === "refused") {
        assert(answer.seconds > 8 && answer.seconds <= 16);
        const later = now + answer.seconds * 1000;
        assertEquals(admitted(throttle, login, later).wait, 0);
        now = later;
      } else {
        assert(answer.wait >= 0 && answer.wait <= 8_000);
        if (good) throttle.succeeded(answer, now + answer.wait);
      }
    }
  }));
});

Deno.test("whatever others do, an owner at a familiar address never waits for it", () => {
  fc.assert(fc.property(attempts, (list) => {
    const throttle = new Throttle();
    const owner = { account: "dora", address: HERE };
    logIn(throttle, owner, 0);
    let now = 0;
    for (const { after, good, ...login } of list) {
      now += after;
      const answer = throttle.begin(login, now);
      if (good && answer.type === "admitted") throttle.succeeded(answer, now);
      begin(throttle, "dora", "203.0.113.9", now);
      const own = admitted(throttle, owner, now);
      assertEquals(own.wait, 0);
      throttle.succeeded(own, now);
    }
  }));
});

Deno.test("failures alone never begin closer together than their number asks for", () => {
  fc.assert(fc.property(
    fc.array(fc.nat(20_000), { minLength: 5, maxLength: 60 }),
    (gaps) => {
      const throttle = new Throttle();
      const begun: number[] = [];
      let now = 0;
      for (const gap of gaps) {
        now += gap;
        const wait = begin(throttle, "alice", HERE, now);
        if (typeof wait === "number") begun.push(now + wait);
      }
      begun.forEach((start, index) => {
        // Eleven within a minute: more than six of them are not forgotten.
        const tenth = begun[index - 10];
        if (tenth === undefined || start - tenth > 60_000) return;
        assert(start - (begun[index - 1] ?? 0) >= 1_000, `${begun}`);
      });
    },
  ));
});
