/** Made-up measurements, to hold reports against figures worked out by hand. */

import {
  converse,
  makeReport,
  type Measurement,
  parseWires,
  type Report,
  type Variant,
} from "../../lib/bench/mod.ts";

/** Two people, three messages: seven steps, two logins and two quits. */
export const CONVERSATION = converse({ users: 2, messages: 3, seed: 7 });

const CLEAN = {
  messages: 3,
  acknowledged: 3,
  due: 3,
  lost: 0,
  doubled: 0,
  outOfOrder: 0,
  notices: 4,
  noticesLost: 0,
  unexpected: 0,
};

/** A wire's measurement, 1,000 bytes over JSON unless told otherwise. */
export function measurement(
  wire: string,
  figures: Partial<Measurement> = {},
): Measurement {
  return {
    variant: parseWires(wire)[0] as Variant,
    up: 300,
    down: 700,
    handshake: 0,
    closing: 0,
    application: 1000,
    records: 0,
    tally: CLEAN,
    curve: [100, 200, 400, 600, 800, 1000, 1000],
    types: [],
    seconds: 0.5,
    ...figures,
  };
}

/** 1,600 bytes: 600 inside, 10 records, 500 handshakes, 280 closing alerts. */
export const TLS_FIGURES: Partial<Measurement> = {
  up: 600,
  down: 1000,
  handshake: 500,
  closing: 280,
  application: 600,
  records: 10,
};

/** A report of JSON and of binary in TLS. */
export function report(tally: Partial<Measurement["tally"]> = {}): Report {
  return makeReport(CONVERSATION, [
    measurement("json"),
    measurement("chatp1+tls", {
      ...TLS_FIGURES,
      tally: { ...CLEAN, ...tally },
      curve: [350, 700, 850, 1000, 1150, 1600, 1600],
    }),
  ]);
}
