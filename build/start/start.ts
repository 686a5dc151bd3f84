import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { findElectron } from './find-electron.ts'
import { buildParts, type BuildPart } from './fresh-build.ts'
import { makeParts } from './make-parts.ts'
import { readStartFlags } from './start-flags.ts'

// `npm start`: the console in its window where Electron is, else in the browser. Flags are those of `muster console`, and two of its own:
// --browser (no window even if there is Electron) and --no-open (opens no browser).
process.chdir(fileURLToPath(new URL('../..', import.meta.url)))
const flags = readStartFlags(process.argv.slice(2))
const electron = flags.isBrowser ? { reason: 'No window was asked for.' } : findElectron({ env: process.env, platform: process.platform })
const cli = 'electron/core/cli.ts'

if ('binary' in electron) {
  make([buildParts.renderer, buildParts.programs, buildParts.desktop])
  process.exitCode = await endOf(spawn(electron.binary, ['.', ...flags.passed], { stdio: 'inherit' }))
} else {
  say(`The console is served to browsers. ${electron.reason}`)
  make([buildParts.renderer])
  const running = spawn(process.execPath, [cli, 'console', '--headless', '--print-key', ...flags.passed], { stdio: 'inherit' })
  const ended = endOf(running)
  if (flags.mayOpen) await openPage(running)
  process.exitCode = await ended
}

/** Builds the parts that are missing or older than their sources. */
function make(parts: readonly BuildPart[]): void {
  try {
    makeParts(parts, say)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(1)
  }
}

/** Opens the page once the console answers. That nothing opens it is no error: the console has printed its address. */
async function openPage(running: ChildProcess): Promise<void> {
  while (running.exitCode === null && running.signalCode === null) {
    await sleep(500)
    const opening = spawn(process.execPath, [cli, 'open', ...flags.data], { stdio: 'ignore' })
    const [code] = (await once(opening, 'exit')) as [number | null]
    if (code === 0) return
  }
}

/** Waits for the child. A terminal sends Ctrl-C to it as well; whoever stops only this process means both. */
async function endOf(child: ChildProcess): Promise<number> {
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  return code ?? (signal === null ? 1 : 128 + constants.signals[signal])
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
