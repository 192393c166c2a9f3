/**
 * One direction of a TCP connection, put together from captured segments:
 * whatever their order, however often they were sent, wherever they overlap
 * (RFC 9293, 3.4). What the capture has missed is reported as a gap.
 *
 * @module
 */

/** The next part of a stream: its bytes, or how many of them are missing. */
export type Piece =
  | { readonly time: number; readonly bytes: Uint8Array }
  | { readonly time: number; readonly missing: number };

interface Waiting {
  readonly time: number;
  /** Place in the stream of the first byte. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Bytes that may wait behind a gap before it is given up. */
const MOST_WAITING = 4 * 1024 * 1024;

/** What a waiting segment costs besides its bytes, roughly. */
const WAITING_OVERHEAD = 128;

/** Reassembles one direction. */
export class HalfStream {
  /** Sequence number of the byte at offset 0; unknown until something came. */
  #start: number | undefined;
  /** Bytes passed on or given up. */
  #next = 0;
  /** Where the stream ends, once a FIN has said it. */
  #end: number | undefined;
  /** In the order of their offsets. */
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #pieces: Piece[] = [];
  /** Bytes that came more than once. */
  repeated = 0;

  /** Whether all of it up to the FIN was passed on or given up. */
  get finished(): boolean {
    return this.#end !== undefined && this.#next >= this.#end;
  }

  /** Says with which sequence number the stream's first byte comes. */
  begin(seqn: number): void {
    this.#start ??= seqn >>> 0;
  }

  /** Whether a SYN for a first byte `seqn` belongs to another connection. */
  isOther(seqn: number): boolean {
    return this.#start !== undefined && this.#start !== seqn >>> 0;
  }

  /** Takes a segment's payload and keeps it. `time`: when it was captured. */
  receive(seqn: number, bytes: Uint8Array, time: number): void {
    if (bytes.length === 0) return;
    this.begin(seqn);
    const offset = this.#offset(seqn);
    if (offset <= this.#next) this.#pass({ time, offset, bytes });
    else this.#hold({ time, offset, bytes });
    while (this.#waitingBytes > MOST_WAITING) {
      this.#giveUp(this.#waiting[0]?.offset ?? this.#next, time);
    }
  }

  /** Takes a FIN; `seqn` is that of the FIN itself, behind its payload. */
  finish(seqn: number): void {
    this.begin(seqn);
    this.#end ??= Math.max(this.#offset(seqn), this.#next);
  }

  /**
   * The receiver has acknowledged everything before `seqn`: what the capture
   * lacks of that will not come any more.
   */
  acknowledged(seqn: number, time: number): void {
    if (this.#start === undefined) return;
    const acknowledged = this.#offset(seqn);
    for (;;) {
      const gapEnd = this.#waiting[0]?.offset ?? this.#end;
      if (gapEnd === undefined || gapEnd <= this.#next) return;
      if (acknowledged < gapEnd) return;
      this.#giveUp(gapEnd, time);
    }
  }

  /** Nothing more will come: what waits is passed on, the gaps with it. */
  flush(time: number): void {
    for (const { offset } of [...this.#waiting]) this.#giveUp(offset, time);
    if (this.#end !== undefined) this.#giveUp(this.#end, time);
  }

  /** What can be passed on by now, in order, once. */
  take(): readonly Piece[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }

  /** The place in the stream that a sequence number near `#next` means. */
  #offset(seqn: number): number {
    const expected = (this.#start as number) + this.#next;
    return this.#next + ((seqn - expected) | 0);
  }

  /** Passes on a segment that has no gap before it, and what waited for it. */
  #pass(segment: Waiting): void {
    let passing: Waiting | undefined = segment;
    while (passing !== undefined) {
      const { time, offset, bytes } = passing;
      const known = Math.min(this.#next - offset, bytes.length);
      this.repeated += known;
      if (known < bytes.length) {
        this.#pieces.push({ time, bytes: bytes.subarray(known) });
        this.#next = offset + bytes.length;
      }
      passing = this.#release();
    }
  }

  #hold(segment: Waiting): void {
    let at = this.#waiting.length;
    while (
      at > 0 && (this.#waiting[at - 1] as Waiting).offset > segment.offset
    ) {
      at--;
    }
    this.#waiting.splice(at, 0, segment);
    this.#waitingBytes += segment.bytes.length + WAITING_OVERHEAD;
  }

  /** The first that waits, if it no longer has a gap before it. */
  #release(): Waiting | undefined {
    const first = this.#waiting[0];
    if (first === undefined || first.offset > this.#next) return undefined;
    this.#waiting.shift();
    this.#waitingBytes -= first.bytes.length + WAITING_OVERHEAD;
    return first;
  }

  #giveUp(until: number, time: number): void {
    if (until <= this.#next) return;
    this.#pieces.push({ time, missing: until - this.#next });
    this.#next = until;
    const first = this.#release();
    if (first !== undefined) this.#pass(first);
  }
}
