/**
 * What a process of this machine uses, from /proc (Linux, proc(5)).
 *
 * @module
 */

/** What a process has used so far, and holds now. */
export interface ProcessUse {
  /** What it is called. */
  readonly name: string;
  /** User and system time of all its threads, s. */
  readonly cpu: number;
  /** Resident memory, bytes. */
  readonly memory: number;
  /** The most that it was, bytes. */
  readonly peak: number;
}

/** Ticks a second of the times in /proc: part of Linux's interface. */
const TICKS = 100;
/** What `st` says of a socket that listens. */
const LISTENS = "0A";

/** What a process uses; undefined where that can't be known. */
export function processUse(pid: number): ProcessUse | undefined {
  try {
    const use = parseUse(
      Deno.readTextFileSync(`/proc/${pid}/stat`),
      Deno.readTextFileSync(`/proc/${pid}/status`),
    );
    // One that has ended holds none, and is there until its parent knows.
    return use.memory > 0 ? use : undefined;
  } catch {
    // It has ended, is not ours to look at, or there is no /proc.
    return undefined;
  }
}

/** Reads the two files of a process. */
export function parseUse(stat: string, status: string): ProcessUse {
  // The name is in brackets, and may hold some and spaces itself.
  const end = stat.lastIndexOf(")");
  const fields = stat.slice(end + 2).split(" ");
  const kilobytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0);
  return {
    name: stat.slice(stat.indexOf("(") + 1, end),
    cpu: (Number(fields[11]) + Number(fields[12])) / TICKS,
    memory: kilobytes("VmRSS") * 1024,
    peak: kilobytes("VmHWM") * 1024,
  };
}

/**
 * How long the threads of a process that there are have waited for a core, s;
 * undefined where that can't be known (Linux, sched-stats.rst).
 */
export function queuedTime(pid: number): number | undefined {
  try {
    const threads = `/proc/${pid}/task`;
    return [...Deno.readDirSync(threads)].reduce((sum, { name }) => {
      const stat = Deno.readTextFileSync(`${threads}/${name}/schedstat`);
      return sum + Number(stat.split(" ")[1]) / 1e9;
    }, 0);
  } catch {
    // It has ended, a thread has, or the system does not count that.
    return undefined;
  }
}

/** The inodes of sockets that listen on a port, of /proc/net/tcp or tcp6. */
export function listeningInodes(table: string, port: number): string[] {
  return table.split("\n").slice(1).flatMap((line) => {
    const [, local = "", , state, , , , , , inode = ""] = line.trim()
      .split(/\s+/);
    const found = Number.parseInt(local.split(":")[1] ?? "", 16);
    return state === LISTENS && found === port ? [inode] : [];
  });
}

/**
 * The process that listens on a TCP port of this machine; undefined if there
 * is none, several, or one of somebody else.
 */
export function listeningProcess(port: number): number | undefined {
  const inodes = ["tcp", "tcp6"].flatMap((name) => {
    try {
      return listeningInodes(Deno.readTextFileSync(`/proc/net/${name}`), port);
    } catch {
      return [];
    }
  });
  if (inodes.length === 0) return undefined;
  const wanted = new Set(inodes.map((inode) => `socket:[${inode}]`));
  const found = processes().filter((pid) => holds(pid, wanted));
  return found.length === 1 ? found[0] : undefined;
}

function processes(): number[] {
  return [...Deno.readDirSync("/proc")]
    .filter(({ name }) => /^\d+$/.test(name)).map(({ name }) => Number(name));
}

/** Whether a process has one of these open. */
function holds(pid: number, wanted: ReadonlySet<string>): boolean {
  const folder = `/proc/${pid}/fd`;
  try {
    return [...Deno.readDirSync(folder)].some(({ name }) => {
      try {
        return wanted.has(Deno.readLinkSync(`${folder}/${name}`));
      } catch {
        // Closed since.
        return false;
      }
    });
  } catch {
    // Somebody else's.
    return false;
  }
}
