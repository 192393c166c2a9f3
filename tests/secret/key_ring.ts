/** The keys of this folder's tests. They are public: never use them. */
import { createPrivateKey, type KeyObject } from "node:crypto";
import { importOwnKeys } from "../../lib/secret/mod.ts";

/** The text of a file of keys/. */
export function pemOf(name: string): Promise<string> {
  return Deno.readTextFile(new URL(`keys/${name}.pem`, import.meta.url));
}

/** A private key of keys/. */
export async function privateKey(name: string): Promise<KeyObject> {
  return createPrivateKey(await pemOf(name));
}

/** 2,048 bits. */
export const ALICE = await importOwnKeys(await privateKey("alice"));
/** 2,048 bits. */
export const BOB = await importOwnKeys(await privateKey("bob"));
/** 2,048 bits. */
export const MALLORY = await importOwnKeys(await privateKey("mallory"));
/** 4,096 bits. */
export const BIG = await importOwnKeys(await privateKey("big"));
