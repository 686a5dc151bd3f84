import { execFileSync } from 'node:child_process'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { musterVersion } from '../../shared/domain/version.ts'
import { bundleProgram, nativePackages } from '../bundle-program.ts'

/**
 * The agent as a package for npm: the bundle, and the two native packages as its only dependencies.
 * @returns the path of the archive that `npm install` takes
 */
export async function packForNpm(output: string): Promise<string> {
  const folder = join(output, 'agent-package')
  await bundleProgram('agent', folder)
  copyFileSync('LICENSE', join(folder, 'LICENSE'))
  copyFileSync('build/agent/files/README.md', join(folder, 'README.md'))
  const root = JSON.parse(readFileSync('package.json', 'utf8')) as { license: string; author: string; dependencies: Record<string, string> }
  const { license, author, dependencies } = root
  const manifest = {
    name: 'muster-agent',
    version: musterVersion,
    description: 'Runs ML models on a device for a Muster console',
    ...{ license, author, type: 'module' },
    bin: { 'muster-agent': 'muster-agent.mjs' },
    os: ['linux', 'darwin', 'win32'],
    // better-sqlite3 needs it; older ones end without a word.
    engines: { node: '>=22' },
    dependencies: Object.fromEntries(nativePackages.map((name) => [name, dependencies[name]])),
  }
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  const said = execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', resolve(output)], {
    cwd: folder,
    encoding: 'utf8',
  })
  return join(output, said.trim().split('\n').at(-1)!)
}
