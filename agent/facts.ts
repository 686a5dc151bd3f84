import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import { arch, availableParallelism, hostname, platform, totalmem } from 'node:os'
import { join } from 'node:path'
import { musterVersion } from '../shared/domain/version.ts'
import type { DeviceFacts } from '../shared/protocol/reported.ts'
import type { Enclosure } from './supervise/sandbox.ts'
import { diskSpace } from './telemetry/resources.ts'

/** Version of the installed onnxruntime, read without loading it: a model library never runs in this process. `null` if it is absent. */
export function runtimeVersion(): string | null {
  try {
    const require = createRequire(import.meta.url)
    const main = require.resolve('onnxruntime-node')
    const root = main.slice(0, main.lastIndexOf('onnxruntime-node') + 'onnxruntime-node'.length)
    const parsed: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    return typeof parsed === 'object' && parsed !== null && 'version' in parsed && typeof parsed.version === 'string'
      ? parsed.version
      : null
  } catch {
    return null
  }
}

/** What this device is: queries of the console select by it. */
export function deviceFacts(options: {
  directory: string
  httpUrl: string
  runtimeVersion: string | null
  sandbox: Enclosure
}): DeviceFacts {
  return {
    os: platform(),
    arch: arch(),
    hostname: hostname().slice(0, 255),
    cpus: availableParallelism(),
    memoryBytes: totalmem(),
    diskFreeBytes: diskSpace(options.directory).freeBytes,
    agentVersion: musterVersion,
    runtimeVersion: options.runtimeVersion ?? 'none',
    executionProviders: options.runtimeVersion === null ? [] : ['cpu'],
    httpUrl: options.httpUrl,
    sandbox: options.sandbox,
  }
}
