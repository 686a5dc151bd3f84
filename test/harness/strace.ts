import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'

const STRACE = ['/usr/bin/strace', '/usr/local/bin/strace'].find(existsSync)
/** True if strace is there and may attach: containers often forbid it. */
export const hasStrace = STRACE !== undefined && spawnSync(STRACE, ['-o', '/dev/null', '-e', 'trace=openat', 'true']).status === 0

/** Calls that change what is on the disk, and those that tell others of it. */
export const changingCalls = [
  'openat',
  'write',
  'pwrite64',
  'ftruncate',
  'fsync',
  'fdatasync',
  'rename',
  'unlink',
  'mkdir',
  'sendmsg',
  'close',
] as const

/** The threads of a Node process: the first one runs JavaScript, the pool does what is asynchronous, once there was such a thing. */
export function threadsOf(pid: number): { main: number; pool: number[] } {
  const all = readdirSync(`/proc/${pid}/task`).map(Number)
  return {
    main: pid,
    pool: all.filter((id) => id !== pid && readFileSync(`/proc/${pid}/task/${id}/comm`, 'utf8').startsWith('libuv-worker')),
  }
}

/** Every thread of a process. */
export function allThreads(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).map(Number)
}

/** The nth call of a name in one thread. */
export interface KillPoint {
  call: string
  nth: number
}

/** An strace that is attached to threads. It ends when they are gone, or by `detach`. */
export interface Attached {
  child: ChildProcess
  detach(): Promise<void>
}

/** System calls that fail, as those of a broken disk do. */
export interface Failure {
  calls: readonly string[]
  error: 'EIO' | 'ENOSPC'
  /** Which of them, as strace counts; left out: all. */
  when?: string
}

/**
 * Attaches to threads and waits until all are held. Children that are started meanwhile are not followed.
 * @param options.fail makes calls fail for as long as it is attached
 * @param options.killAt kills the process before one of the threads makes this call for the nth time (strace counts so)
 * @param options.log where every call is written
 * @param options.paths writes the file of each descriptor beside its number
 */
export async function attach(
  threads: readonly number[],
  options: { killAt?: KillPoint; fail?: Failure; log?: string; paths?: boolean },
): Promise<Attached> {
  const { fail } = options
  const calls = (fail?.calls ?? changingCalls).join(',')
  const inject = options.killAt === undefined ? [] : ['-e', `inject=${options.killAt.call}:signal=SIGKILL:when=${options.killAt.nth}`]
  const failing =
    fail === undefined ? [] : ['-e', `inject=${calls}:error=${fail.error}${fail.when === undefined ? '' : `:when=${fail.when}`}`]
  const words = [
    ...(options.paths === true ? ['-y'] : []),
    '-e',
    `trace=${calls}`,
    ...inject,
    ...failing,
    '-o',
    options.log ?? '/dev/null',
    ...threads.flatMap((id) => ['-p', String(id)]),
  ]
  const child = spawn(STRACE!, words, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8')
  const ended = once(child, 'exit')
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (text: string) => {
      said += text
      if ((said.match(/attached/g) ?? []).length >= threads.length) resolve()
    })
    void ended.then(() => reject(new Error(`strace ended: ${said}`)))
  })
  return {
    child,
    async detach() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT')
      await ended
    },
  }
}

/** Every point in a log of `attach` at which some thread made a call, in the order in which each was first reached. */
export function killPoints(log: string): KillPoint[] {
  const counts = new Map<string, number>()
  const points = new Map<string, KillPoint>()
  for (const line of readFileSync(log, 'utf8').split('\n')) {
    // A single thread is traced without its number.
    const found = /^(?:(\d+)\s+)?(\w+)\(/.exec(line)
    if (found === null) continue
    const [, thread = '0', call = ''] = found
    const nth = (counts.get(`${thread} ${call}`) ?? 0) + 1
    counts.set(`${thread} ${call}`, nth)
    points.set(`${call} ${nth}`, points.get(`${call} ${nth}`) ?? { call, nth })
  }
  return [...points.values()]
}
