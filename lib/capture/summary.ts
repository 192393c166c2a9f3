/**
 * Adds up what was found in a capture: bytes by wire, direction and type.
 *
 * @module
 */

import type { Direction } from "../net/mod.ts";
import type { Finding, PacketCounts } from "./finding.ts";
import type { Frame } from "./frame.ts";
import { UDPCHAT_WIRE } from "./udpchat_datagrams.ts";

/** Frames of one type in one direction. */
export interface TypeSum {
  readonly wire: string;
  readonly direction: Direction;
  readonly type: string;
  count: number;
  /** Of whole frames. */
  bytes: number;
}

/** All of a wire, in bytes. */
export interface WireSum {
  readonly wire: string;
  readonly up: number;
  readonly down: number;
  readonly total: number;
  /** The largest first. */
  readonly types: readonly Readonly<TypeSum>[];
}

/** Datagrams that came once more. */
export interface Repeated {
  datagrams: number;
  /** Of their payload. */
  bytes: number;
}

/** Round trips, in ms, of what was sent once and acknowledged. */
export interface RoundTrips {
  readonly count: number;
  readonly least: number;
  readonly mean: number;
  readonly most: number;
}

/** What reliable UDP had to do; what it repeated is in the other figures too. */
export interface Reliability {
  /** By the direction of what was repeated, acknowledgements included. */
  readonly repeated: Readonly<Record<Direction, Readonly<Repeated>>>;
  /** Datagrams that nobody has acknowledged. */
  readonly unacknowledged: number;
  /** By the direction of what was acknowledged; absent where nothing was. */
  readonly roundTrips: Readonly<Partial<Record<Direction, RoundTrips>>>;
}

/**
 * A capture in figures. Bytes are those of payload: of TCP each counted once, of
 * UDP every datagram.
 */
export interface Summary {
  readonly packets: number;
  readonly connections: number;
  readonly up: number;
  readonly down: number;
  readonly total: number;
  /** Bytes that the capture lacks. */
  readonly missing: number;
  /** Bytes that came more than once; not in the other figures. */
  readonly repeated: number;
  /** Frames with an error. */
  readonly errors: number;
  /** Packets that were not read, by cause. */
  readonly leftOut: Readonly<Record<string, number>>;
  /** Absent where there is no reliable UDP. */
  readonly reliability?: Reliability;
  /** The largest first. */
  readonly wires: readonly WireSum[];
}

/** The least, the mean and the most of some values. */
class Spread {
  count = 0;
  #sum = 0;
  #least = Infinity;
  #most = 0;

  add(value: number): void {
    this.count++;
    this.#sum += value;
    this.#least = Math.min(this.#least, value);
    this.#most = Math.max(this.#most, value);
  }

  figures(): RoundTrips {
    const { count } = this;
    const mean = Math.round(1_000 * this.#sum / count) / 1_000;
    return { count, least: this.#least, mean, most: this.#most };
  }
}

/** Adds up findings. */
export class Tally {
  readonly #types = new Map<string, TypeSum>();
  readonly #repeated = {
    up: { datagrams: 0, bytes: 0 },
    down: { datagrams: 0, bytes: 0 },
  };
  readonly #roundTrips = { up: new Spread(), down: new Spread() };
  #hasDatagrams = false;
  #missing = 0;
  #errors = 0;

  /** Counts one finding. */
  add(finding: Finding): void {
    if (finding.event === "gap") this.#missing += finding.bytes;
    if (finding.event !== "frame") return;
    const { direction, frame: { wire, type, bytes, error } } = finding;
    if (error !== undefined) this.#errors++;
    if (wire === UDPCHAT_WIRE) this.#addDatagram(direction, finding.frame);
    const key = `${wire} ${direction} ${type}`;
    let sum = this.#types.get(key);
    if (sum === undefined) {
      sum = { wire, direction, type, count: 0, bytes: 0 };
      this.#types.set(key, sum);
    }
    sum.count++;
    sum.bytes += bytes;
  }

  #addDatagram(direction: Direction, { bytes, flags, roundTrip }: Frame): void {
    this.#hasDatagrams = true;
    if (flags.includes("repeated")) {
      this.#repeated[direction].datagrams++;
      this.#repeated[direction].bytes += bytes;
    }
    if (roundTrip === undefined) return;
    this.#roundTrips[direction === "up" ? "down" : "up"].add(roundTrip);
  }

  #reliability(unacknowledged: number): Reliability {
    const { up, down } = this.#roundTrips;
    return {
      repeated: this.#repeated,
      unacknowledged,
      roundTrips: {
        ...up.count > 0 && { up: up.figures() },
        ...down.count > 0 && { down: down.figures() },
      },
    };
  }

  /** The figures so far. `counts`: those of the dissector. */
  summary(counts: PacketCounts): Summary {
    const sums = [...this.#types.values()];
    const wires = [...Map.groupBy(sums, ({ wire }) => wire)]
      .map(([wire, types]) => ({
        wire,
        ...byDirection(types),
        types: types.toSorted((a, b) => b.bytes - a.bytes),
      }))
      .toSorted((a, b) => b.total - a.total);
    return {
      packets: counts.packets,
      connections: counts.connections,
      ...byDirection(sums),
      missing: this.#missing,
      repeated: counts.repeatedBytes,
      errors: this.#errors,
      leftOut: Object.fromEntries(counts.leftOut),
      ...this.#hasDatagrams &&
        { reliability: this.#reliability(counts.unacknowledged) },
      wires,
    };
  }
}

function byDirection(sums: readonly TypeSum[]) {
  const of = (direction: Direction) =>
    sums.filter((sum) => sum.direction === direction)
      .reduce((total, { bytes }) => total + bytes, 0);
  const [up, down] = [of("up"), of("down")];
  return { up, down, total: up + down };
}
