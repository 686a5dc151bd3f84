import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createServer } from 'vite'

// `npm run dev`: a console that restarts when its source changes, and the UI served by Vite with hot replacement. Flags go to the console.
const flags = process.argv.slice(2)
const at = flags.indexOf('--data')
const data = at >= 0 ? flags[at + 1]! : (process.env['MUSTER_DATA'] ?? join(homedir(), '.muster'))
const port = flags.includes('--port') ? flags[flags.indexOf('--port') + 1]! : '8320'

const core = spawn(
  process.execPath,
  ['--watch-preserve-output', '--watch', 'electron/core/cli.ts', '--data', data, 'console', '--headless', ...withoutData(flags)],
  {
    stdio: 'inherit',
  },
)
process.env['MUSTER_URL'] = `http://127.0.0.1:${port}`
const vite = await createServer({ configFile: 'build/vite.config.ts' })
await vite.listen()
const address = vite.resolvedUrls?.local[0] ?? ''
const key = await keyOf(join(data, 'console.json'))
process.stdout.write(`\nUI with hot replacement  ${address}#key=${key}\n\n`)

const stop = (): void => {
  core.kill('SIGTERM')
  void vite.close().then(() => process.exit(0))
}
process.on('SIGINT', stop).on('SIGTERM', stop)
core.on('exit', stop)

/** The console's own flags: `--data` stands before its verb. */
function withoutData(all: string[]): string[] {
  return at < 0 ? all : all.toSpliced(at, 2)
}

/** Waits for the console to say where it is. */
async function keyOf(file: string): Promise<string> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (existsSync(file)) return (JSON.parse(readFileSync(file, 'utf8')) as { token: string }).token
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('the console did not start')
}
