import { accessSync, constants } from 'node:fs'

/** Heap of V8 in a generation, MiB: tensors and models live outside of it; JSON of a 16 MiB body takes about 200. */
const OLD_SPACE_MIB = 384
/** Young generation of V8, MiB: requests are small and short-lived; the default keeps 10 MiB more resident. */
const SEMI_SPACE_MIB = 2
/**
 * Writable memory that Node itself reserves before any model is loaded, bytes (its code range, heap and threads).
 * Below it the process does not even start.
 */
const NODE_RESERVE_BYTES = 1024 * 1024 * 1024

/** Weight 335 of 1024 where CPU is short: the supervisor and the machine's own programs come first, an idle machine gives all. */
const NICE = 5

/** A program with the arguments that come before the script. */
export interface Command {
  execPath: string
  execArgv: string[]
}

/**
 * The command that runs Node under limits of the operating system, where util-linux is there to set them:
 * - `setpriv --pdeathsig KILL`: a generation in an endless inference cannot notice that its supervisor died; the kernel does.
 * - `nice`: a model that computes without end leaves the supervisor its turn.
 * - `prlimit --core=0`: a crash leaves no image of inputs on the disk.
 * - `prlimit --data`: writable private memory. Tried with onnxruntime 1.30: an allocation beyond it fails as an error of that
 *   load or run. An address-space limit (RLIMIT_AS) would also count what V8 only reserves. CPU time is not limited: a generation
 *   serves for months; hangs are found by the heartbeat.
 * Resident memory is also watched by the heartbeat, which works on every system.
 */
export function limitedNode(node: string, memoryBytes: number): Command {
  const nodeArgv = [`--max-old-space-size=${OLD_SPACE_MIB}`, `--max-semi-space-size=${SEMI_SPACE_MIB}`]
  const words = [...limitWords(memoryBytes), node, ...nodeArgv]
  return { execPath: words[0]!, execArgv: words.slice(1) }
}

/** The words that come before a program to end it with its parent, and to limit its memory, its core files and its share of the CPU. */
export function limitWords(memoryBytes: number): string[] {
  const setpriv = findProgram('setpriv')
  const nice = findProgram('nice')
  const prlimit = findProgram('prlimit')
  return [
    ...(setpriv === null ? [] : [setpriv, '--pdeathsig', 'KILL']),
    ...(nice === null ? [] : [nice, '-n', String(NICE)]),
    ...(prlimit === null ? [] : [prlimit, '--core=0', `--data=${NODE_RESERVE_BYTES + memoryBytes}`]),
  ]
}

/** Only the system's own folders: a search path could name something else. @returns null if it is not there, or this is not Linux */
export function findProgram(name: string): string | null {
  if (process.platform !== 'linux') return null
  const path = ['/usr/bin', '/bin'].map((folder) => `${folder}/${name}`).find(isExecutable)
  return path ?? null
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The few variables that a generation gets: none of the agent's secrets and no options for Node. */
export function bareEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const kept = ['PATH', 'SystemRoot', 'TZ']
  return Object.fromEntries(kept.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])))
}
