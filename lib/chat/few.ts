/**
 * Sets, maps and queues that have one thing in them, mostly, or nothing. There
 * are thousands of them: the ordinary ones are 150 to 190 bytes with one thing,
 * and a queue keeps that once it had one; these are 40.
 *
 * @module
 */

/** A set. Whoever iterates over it while it changes may miss what is added. */
export class Few<Thing extends object> implements Iterable<Thing> {
  /** What is in it, until there is more. */
  #only: Thing | undefined;
  #all: Set<Thing> | undefined;

  get size(): number {
    return this.#all?.size ?? (this.#only === undefined ? 0 : 1);
  }

  add(thing: Thing): void {
    if (this.#all !== undefined) this.#all.add(thing);
    else if ((this.#only ??= thing) !== thing) {
      this.#all = new Set([this.#only, thing]);
      this.#only = undefined;
    }
  }

  /** Whether it was in it. */
  delete(thing: Thing): boolean {
    if (this.#all !== undefined) return this.#all.delete(thing);
    const found = this.#only === thing;
    if (found) this.#only = undefined;
    return found;
  }

  [Symbol.iterator](): Iterator<Thing> {
    const all = this.#all ?? (this.#only === undefined ? [] : [this.#only]);
    return all[Symbol.iterator]();
  }
}

/** A map. Whoever iterates over it while it changes may miss what is added. */
export class FewByKey<Key extends object, Value extends object>
  implements Iterable<readonly [Key, Value]> {
  /** What is in it, until there is more. */
  #key: Key | undefined;
  #value: Value | undefined;
  #all: Map<Key, Value> | undefined;

  get(key: Key): Value | undefined {
    if (this.#all !== undefined) return this.#all.get(key);
    return this.#key === key ? this.#value : undefined;
  }

  has(key: Key): boolean {
    return this.get(key) !== undefined;
  }

  set(key: Key, value: Value): void {
    if (this.#all !== undefined) this.#all.set(key, value);
    else if ((this.#key ??= key) === key) this.#value = value;
    else {
      this.#all = new Map([...this, [key, value]]);
      this.#key = this.#value = undefined;
    }
  }

  delete(key: Key): void {
    this.#all?.delete(key);
    if (this.#key === key) this.#key = this.#value = undefined;
  }

  *[Symbol.iterator](): Iterator<readonly [Key, Value]> {
    if (this.#all !== undefined) yield* this.#all;
    else if (this.#key !== undefined) yield [this.#key, this.#value as Value];
  }
}

/** A queue: what came first goes first. */
export class Line<Thing extends object> implements Iterable<Thing> {
  #first: Thing | undefined;
  #more: Thing[] | undefined;

  get first(): Thing | undefined {
    return this.#first;
  }

  get length(): number {
    if (this.#first === undefined) return 0;
    return 1 + (this.#more?.length ?? 0);
  }

  push(thing: Thing): void {
    if (this.#first === undefined) this.#first = thing;
    else (this.#more ??= []).push(thing);
  }

  shift(): void {
    this.#first = this.#more?.shift();
  }

  /** Puts something else in the place of each, from the first to the last. */
  replace(other: (thing: Thing) => Thing): void {
    if (this.#first !== undefined) this.#first = other(this.#first);
    this.#more = this.#more?.map(other);
  }

  clear(): void {
    this.#first = this.#more = undefined;
  }

  *[Symbol.iterator](): Iterator<Thing> {
    if (this.#first !== undefined) yield this.#first;
    if (this.#more !== undefined) yield* this.#more;
  }
}
