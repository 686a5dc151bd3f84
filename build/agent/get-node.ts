import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { arch, platform } from 'node:os'
import { dirname, join } from 'node:path'
import { nodePackage, type AgentTarget } from './platforms.ts'

/** The Node program of a machine, and the text of its licence. */
export interface NodeProgram {
  file: string
  license: string | null
}

/**
 * Finds Node for a machine: for this one the one that npm installed, for another one the package of the registry that npm is configured
 * for, fetched once by `npm pack` into `dist/`.
 * @throws Error if the registry has no such package
 */
export function getNode(target: AgentTarget, version: string): NodeProgram {
  const name = nodePackage(target)
  const installed = join('node_modules/node/node_modules', name)
  if (target.platform === platform() && target.architecture === arch() && isNode(installed, target)) return programIn(installed, target)
  const folder = join('dist/node', `${name}-${version}`)
  if (!isNode(folder, target)) fetchPackage(`${name}@${version}`, folder)
  return programIn(folder, target)
}

/** A Node program that is at hand already. */
export function nodeAt(file: string): NodeProgram {
  const license = join(dirname(file), '..', 'LICENSE')
  return { file, license: existsSync(license) ? license : null }
}

const fileOf = (folder: string, { platform: system }: AgentTarget): string => join(folder, 'bin', system === 'win32' ? 'node.exe' : 'node')
const isNode = (folder: string, target: AgentTarget): boolean => existsSync(fileOf(folder, target))
const programIn = (folder: string, target: AgentTarget): NodeProgram => nodeAt(fileOf(folder, target))

function fetchPackage(name: string, folder: string): void {
  const fresh = `${folder}.new`
  rmSync(fresh, { recursive: true, force: true })
  mkdirSync(fresh, { recursive: true })
  let archive: string
  try {
    archive = execFileSync('npm', ['pack', name, '--silent', '--pack-destination', fresh], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
      .trim()
      .split('\n')
      .at(-1)!
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim().split('\n')[0] : ''
    throw new Error(`${name} could not be fetched (${said}). Give the program with --node FILE, or leave it out with --without-node.`, {
      cause: error,
    })
  }
  execFileSync('tar', ['-xzf', join(fresh, archive), '-C', fresh, '--strip-components=1', 'package/bin', 'package/LICENSE'])
  rmSync(join(fresh, archive))
  rmSync(folder, { recursive: true, force: true })
  renameSync(fresh, folder)
}

/** The exact version of Node that this checkout is tested with. */
export function nodeVersion(): string {
  const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { devDependencies: Record<string, string> }
  return devDependencies['node']!
}
