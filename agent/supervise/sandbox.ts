import { spawnSync } from 'node:child_process'
import { existsSync, lstatSync, readlinkSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve, sep } from 'node:path'
import { findProgram, limitedNode, limitWords, type Command } from './limits.ts'

/** How generations may be shut in, as the setting `isolation` has it. */
export const isolations = ['sandbox', 'limits'] as const
export type Isolation = (typeof isolations)[number]

/** What holds a generation on this machine, strongest first. */
export type Enclosure = 'bubblewrap' | 'limits' | 'process'

/** The enclosure that generations get here, and why it is no stronger one. */
export interface EnclosureFound {
  enclosure: Enclosure
  /** null: there is no stronger one. */
  reason: string | null
}

/** What a generation may see, besides the system. */
export interface Visible {
  /** Path of runtime/main.ts, or of its bundle. */
  entry: string
  /** Model and golden files of the set. */
  files: readonly string[]
  /** Folders that must be empty to it even where a program folder is above them: identity, spool, journal. */
  hidden: readonly string[]
}

/** The command of one generation. */
export interface GenerationCommand extends Command {
  entry: string
  enclosure: Enclosure
}

const EMPTY = '/empty'
const TEST_MS = 10_000
let tested: string | null | undefined

/** Why bubblewrap cannot be used here, or null if it can: tried once, with the very arguments that a generation gets. */
export function bubblewrapFault(): string | null {
  tested ??= tryBubblewrap()
  return tested
}

/** A generation could not start inside: until the agent ends, they start with limits alone. A device that answers comes first. */
export function distrustBubblewrap(reason: string): void {
  tested = reason
}

/** What holds the generations under a setting. */
export function enclosureOf(isolation: Isolation): EnclosureFound {
  const fault = isolation === 'limits' ? 'isolation = "limits" leaves it out' : bubblewrapFault()
  if (fault === null) return { enclosure: 'bubblewrap', reason: null }
  return { enclosure: findProgram('prlimit') === null ? 'process' : 'limits', reason: fault }
}

/** The command that runs one generation in the enclosure of the setting. */
export function generationCommand(isolation: Isolation, visible: Visible, memoryBytes: number): GenerationCommand {
  const { enclosure } = enclosureOf(isolation)
  const node = limitedNode(process.execPath, memoryBytes)
  if (enclosure !== 'bubblewrap') return { ...node, entry: visible.entry, enclosure }
  const entry = realpathSync(visible.entry)
  const words = [
    ...limitWords(memoryBytes),
    ...bubblewrapWords([...programFolders(entry), ...visible.files.map((file) => resolve(file))], visible.hidden, visible.files),
    ...nodeWords(node),
  ]
  return { execPath: words[0]!, execArgv: words.slice(1), entry, enclosure }
}

/** The words from the interpreter on: who ends with whom is arranged by bubblewrap itself. */
function nodeWords({ execPath, execArgv }: Command): string[] {
  const words = [execPath, ...execArgv]
  return [realpathSync(process.execPath), ...words.slice(words.indexOf(process.execPath) + 1)]
}

/**
 * - All namespaces are new: no network, no other process, no shared memory. Accepted connections come as descriptors and keep working.
 * - The root is empty and read-only; the system, Node, the program and the files of the set are put into it, read-only.
 * - No `--new-session`: who starts it makes one, so that both processes of bubblewrap are in one group and can be ended together.
 * - `--die-with-parent` ends everything with the supervisor, also within an inference that never returns.
 */
function bubblewrapWords(shown: readonly string[], hidden: readonly string[], files: readonly string[]): string[] {
  const node = realpathSync(process.execPath)
  const folders = [...systemFolders(), ...[node, ...shown].flatMap((path) => ['--ro-bind-try', path, path])]
  const bound = ['/usr', ...shown]
  // Where the folder of the agent lies within a folder of the program, it is covered, and the files of the set are put on top again.
  const covered = hidden.map((path) => (existsSync(path) ? realpathSync(path) : resolve(path))).filter((path) => isWithin(path, bound))
  const again = covered.length === 0 ? [] : files.map((file) => resolve(file)).flatMap((file) => ['--ro-bind-try', file, file])
  return [
    findProgram('bwrap') ?? 'bwrap',
    ...['--unshare-all', '--die-with-parent', '--cap-drop', 'ALL'],
    ...folders,
    ...covered.flatMap((path) => ['--tmpfs', path]),
    ...again,
    ...['--proc', '/proc', '--dev', '/dev', '--dir', EMPTY],
    ...covered.flatMap((path) => ['--remount-ro', path]),
    ...['--remount-ro', '/', '--chdir', EMPTY, '--'],
  ]
}

function isWithin(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path === folder || path.startsWith(folder + sep))
}

/** Libraries, and what onnxruntime reads about the processor. Where `/lib` is a link into `/usr` it is made again. */
function systemFolders(): string[] {
  const loaders = ['/lib', '/lib32', '/lib64'].flatMap((path) => {
    const stat = lstatSync(path, { throwIfNoEntry: false })
    if (stat === undefined) return []
    return stat.isSymbolicLink() ? ['--symlink', readlinkSync(path), path] : ['--ro-bind', path, path]
  })
  const more = ['/nix/store', '/etc/ld.so.cache', '/etc/localtime', '/sys/devices/system/cpu']
  return ['--ro-bind', '/usr', '/usr', ...loaders, ...more.flatMap((path) => ['--ro-bind-try', path, path])]
}

/** The program and the packages beside it, not the folder around them: a checkout has more in it than code. */
function programFolders(entry: string): string[] {
  const ort = realpathSync(createRequire(entry).resolve('onnxruntime-node'))
  const folder = `${sep}node_modules${sep}`
  const packages = ort.slice(0, ort.lastIndexOf(folder) + folder.length - 1)
  if (!entry.endsWith('.ts')) return [dirname(entry), packages]
  const root = resolve(dirname(entry), '../..')
  return [...['agent', 'shared', 'package.json'].map((name) => join(root, name)), packages]
}

function tryBubblewrap(): string | null {
  if (process.platform !== 'linux') return `bubblewrap is for Linux, this is ${process.platform}`
  if (findProgram('bwrap') === null) return 'bubblewrap is not installed'
  const [program, ...words] = bubblewrapWords([], [], [])
  const run = spawnSync(program!, [...words, realpathSync(process.execPath), '--version'], { encoding: 'utf8', timeout: TEST_MS, env: {} })
  if (run.status === 0 && run.stdout.trim() === process.version) return null
  const said = (run.stderr ?? '').trim().split('\n')[0]?.slice(0, 200) ?? ''
  return said === ''
    ? `bubblewrap does not work here (${run.error?.message ?? `code ${run.status}`})`
    : `bubblewrap does not work here: ${said}`
}
