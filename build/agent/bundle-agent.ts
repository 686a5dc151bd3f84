import { mkdirSync, writeFileSync } from 'node:fs'
import { arch, platform } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { messageOf } from '../../shared/domain/problem.ts'
import { musterVersion } from '../../shared/domain/version.ts'
import { tarOf, zipOf } from './archive.ts'
import { assemble, sizeOf } from './assemble.ts'
import { getNode, nodeAt, nodeVersion } from './get-node.ts'
import { packForNpm } from './npm-package.ts'
import { architectures, bundleName, platforms, type AgentTarget } from './platforms.ts'

// `npm run agent:bundle`: the agent for one machine as one archive in dist/. Without flags: for this machine.
const { values } = parseArgs({
  options: {
    platform: { type: 'string', default: platform() },
    arch: { type: 'string', default: arch() },
    out: { type: 'string', default: 'dist' },
    // A Node program of the target that is at hand, instead of the one of the registry.
    node: { type: 'string' },
    'without-node': { type: 'boolean', default: false },
    // The agent as a package that npm installs, for machines that have npm.
    npm: { type: 'boolean', default: false },
  },
})

try {
  mkdirSync(values.out, { recursive: true })
  if (values.npm) process.stdout.write(`${await packForNpm(values.out)}\n`)
  else await bundle({ platform: oneOf(platforms, values.platform), architecture: oneOf(architectures, values.arch) })
} catch (error) {
  process.stderr.write(`agent:bundle: ${messageOf(error)}\n`)
  process.exitCode = 2
}

async function bundle(target: AgentTarget): Promise<void> {
  const name = bundleName(musterVersion, target)
  const stage = join(values.out, 'agent-bundle', name)
  const node = values['without-node'] ? null : values.node === undefined ? getNode(target, nodeVersion()) : nodeAt(values.node)
  await assemble({ target, folder: join(stage, name), node })
  const file = join(values.out, `${name}.${target.platform === 'win32' ? 'zip' : 'tar.gz'}`)
  const archive = target.platform === 'win32' ? zipOf(stage) : tarOf(stage)
  writeFileSync(file, archive)
  process.stdout.write(`${file}  ${megabytes(archive.length)} to download, ${megabytes(sizeOf(stage))} on disk\n`)
}

function oneOf<Name extends string>(known: readonly Name[], given: string): Name {
  const found = known.find((name) => name === given)
  if (found === undefined) throw new Error(`'${given}' is none of ${known.join(', ')}.`)
  return found
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}
