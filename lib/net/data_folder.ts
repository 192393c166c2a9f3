/**
 * Where chatp keeps what outlives a run: the server's certificate, the
 * client's known servers.
 *
 * @module
 */

import { join } from "node:path";
import { fileErrorMessage, UserError } from "./failure.ts";

/** What decides where the data folder is; by default the running system. */
export interface Surroundings {
  /** A variable of the environment. */
  readonly variable: (name: string) => string | undefined;
  /** As `Deno.build.os` names it. */
  readonly os: string;
}

const HERE: Surroundings = {
  variable: (name) => Deno.env.get(name),
  os: Deno.build.os,
};

/**
 * The path of the data folder: `chosen` (`--data`) if given, else
 * `$XDG_DATA_HOME/chatp` (XDG Base Directory: an absolute path only), else
 * `%LOCALAPPDATA%\chatp` on Windows, `~/Library/Application Support/chatp` on
 * macOS and `~/.local/share/chatp` elsewhere. Touches no file.
 *
 * @throws {UserError} data_folder_unusable when there is no home to put it in.
 */
export function dataFolder(
  chosen?: string,
  { variable, os }: Surroundings = HERE,
): string {
  if (chosen !== undefined && chosen !== "") return chosen;
  const shared = variable("XDG_DATA_HOME");
  if (shared?.startsWith("/")) return join(shared, "chatp");
  if (os === "windows") {
    const local = variable("LOCALAPPDATA");
    if (local) return join(local, "chatp");
  }
  const home = variable("HOME") || variable("USERPROFILE");
  if (!home) {
    throw new UserError(
      "data_folder_unusable",
      "There is no home folder to keep data in",
      { advice: "Name a folder with --data, or set HOME" },
    );
  }
  return os === "darwin"
    ? join(home, "Library", "Application Support", "chatp")
    : join(home, ".local", "share", "chatp");
}

/** The rule of {@link dataFolder} for people, of an `os` as Deno names it. */
export function usualFolder(os: string = Deno.build.os): string {
  const own = os === "windows"
    ? "%LOCALAPPDATA%\\chatp"
    : os === "darwin"
    ? "~/Library/Application Support/chatp"
    : "~/.local/share/chatp";
  return `$XDG_DATA_HOME/chatp, or where that is not set ${own}`;
}

/**
 * Makes the folder, for its owner alone (0700), if it isn't there.
 *
 * @throws {UserError} data_folder_unusable.
 */
export async function makeDataFolder(path: string): Promise<void> {
  try {
    await Deno.mkdir(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    if (cause instanceof Deno.errors.AlreadyExists) {
      throw new UserError(
        "data_folder_unusable",
        `The data folder ${path} is a file, not a folder`,
        { advice: "Choose a folder with --data", cause },
      );
    }
    throw new UserError(
      "data_folder_unusable",
      `Cannot make the data folder ${path}: ${fileErrorMessage(cause)}`,
      { cause },
    );
  }
}
