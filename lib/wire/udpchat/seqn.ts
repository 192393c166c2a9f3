/**
 * SEQNs: signed numbers of 32 bits that go round, as the serial numbers of RFC
 * 1982 do.
 *
 * @module
 */

/**
 * What SYN and FIN bear, in turn: with one number for both, an ACK that was
 * long on its way could be taken for that of the next.
 */
export const CONTROL_SEQNS = [0, -1] as const;

/** The SEQN that lies `bytes` behind. */
export function advance(seqn: number, bytes: number): number {
  return (seqn + bytes) | 0;
}

/** Whether `seqn` was handed out before `other`, half a round apart at most. */
export function isBefore(seqn: number, other: number): boolean {
  return ((seqn - other) | 0) < 0;
}

/** Whether a value from a body is a SEQN. */
export function isSeqn(value: unknown): value is number {
  return typeof value === "number" && (value | 0) === value;
}
