/**
 * Adds up what was found in a capture: bytes by wire, direction and type.
 *
 * @module
 */

import type { Direction } from "../net/mod.ts";
import type { Finding, PacketCounts } from "./dissect.ts";

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

/** A capture in figures. Bytes are those of TCP payload, each counted once. */
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
  /** The largest first. */
  readonly wires: readonly WireSum[];
}

/** Adds up findings. */
export class Tally {
  readonly #types = new Map<string, TypeSum>();
  #missing = 0;
  #errors = 0;

  /** Counts one finding. */
  add(finding: Finding): void {
    if (finding.event === "gap") this.#missing += finding.bytes;
    if (finding.event !== "frame") return;
    const { direction, frame: { wire, type, bytes, error } } = finding;
    if (error !== undefined) this.#errors++;
    const key = `${wire} ${direction} ${type}`;
    let sum = this.#types.get(key);
    if (sum === undefined) {
      sum = { wire, direction, type, count: 0, bytes: 0 };
      this.#types.set(key, sum);
    }
    sum.count++;
    sum.bytes += bytes;
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
