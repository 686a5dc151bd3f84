import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { arch } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { messageOf } from '../../shared/domain/problem.ts'
import { assemble, sizeOf } from '../agent/assemble.ts'
import { architectures } from '../agent/platforms.ts'
import { writePapers } from '../package/papers.ts'

// Puts what the images of console and agent hold into two folders: `build/docker/Dockerfile` copies them. Run it after `npm run build`.
const { values } = parseArgs({ options: { out: { type: 'string', default: 'dist/images' } } })
const FILES = 'build/docker'

try {
  const architecture = architectures.find((name) => name === arch())
  if (architecture === undefined) throw new Error(`There are no native modules for ${arch()}.`)
  const agent = join(values.out, 'agent')
  await assemble({ target: { platform: 'linux', architecture }, folder: agent, node: null })
  copyPrograms(agent, ['start-agent', 'healthy.ts'])
  const console = join(values.out, 'console')
  assembleConsole(console, join(agent, 'lib/node_modules'))
  for (const folder of [console, agent]) process.stdout.write(`${folder}  ${(sizeOf(folder) / 1e6).toFixed(1)} MB\n`)
} catch (error) {
  process.stderr.write(`assemble-images: ${messageOf(error)}\n`)
  process.exitCode = 2
}

/** @param modules the native modules of this machine, as the agent has them */
function assembleConsole(folder: string, modules: string): void {
  rmSync(folder, { recursive: true, force: true })
  for (const part of ['console', 'renderer', 'agent']) {
    if (!existsSync(join('dist', part))) throw new Error(`dist/${part} is missing. Run: npm run build`)
    cpSync(join('dist', part), join(folder, 'dist', part), { recursive: true })
  }
  cpSync(modules, join(folder, 'node_modules'), { recursive: true, verbatimSymlinks: true })
  copyPrograms(folder, ['start-console', 'muster', 'healthy.ts', 'forward-page.ts'])
  copyFileSync('LICENSE', join(folder, 'LICENSE'))
  writePapers(join(folder, 'licenses'), { isDesktop: false })
}

function copyPrograms(folder: string, names: readonly string[]): void {
  mkdirSync(join(folder, 'bin'), { recursive: true })
  for (const name of names) {
    copyFileSync(join(FILES, name), join(folder, 'bin', name))
    chmodSync(join(folder, 'bin', name), name.endsWith('.ts') ? 0o644 : 0o755)
  }
}
