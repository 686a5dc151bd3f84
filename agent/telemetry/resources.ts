import { readdirSync, readFileSync, statfsSync } from 'node:fs'
import { freemem, totalmem } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../shared/domain/clock.ts'
import type { ResourcesBody } from '../../shared/protocol/telemetry.ts'

/** Use of the runtime child, as `Generations.usage()` tells it. `cpuMicros` grows within a generation. */
export interface RuntimeUsage {
  rssBytes: number
  cpuMicros: number
}

interface ResourcesOptions {
  clock: Clock
  directory: string
  usage(): RuntimeUsage
  spoolRecords(): number
}

/** Returns a function that measures the use of the machine since it was last called; CPU as cores. */
export function createResourceMeter(options: ResourcesOptions): () => ResourcesBody {
  let last = { at: options.clock.monotonic(), own: ownCpuMicros(), runtime: options.usage().cpuMicros }
  return () => {
    const runtime = options.usage()
    const now = { at: options.clock.monotonic(), own: ownCpuMicros(), runtime: runtime.cpuMicros }
    // A new generation counts from zero: then what it used is all there is to add.
    const runtimeMicros = now.runtime >= last.runtime ? now.runtime - last.runtime : now.runtime
    const elapsedMs = now.at - last.at
    const cpuShare = elapsedMs > 0 ? Math.max(0, (now.own - last.own + runtimeMicros) / 1000 / elapsedMs) : 0
    last = now
    const disk = diskSpace(options.directory)
    return {
      cpuShare,
      agentRssBytes: process.memoryUsage.rss() + Math.max(0, Math.trunc(runtime.rssBytes)),
      memoryFreeBytes: freemem(),
      memoryTotalBytes: totalmem(),
      diskFreeBytes: disk.freeBytes,
      diskTotalBytes: disk.totalBytes,
      temperatureCelsius: readTemperature('/sys/class/thermal'),
      spoolRecords: options.spoolRecords(),
    }
  }
}

function ownCpuMicros(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** Space of the file system that holds a directory, bytes, as an unprivileged process may use it. */
export function diskSpace(directory: string): { freeBytes: number; totalBytes: number } {
  const { bavail, blocks, bsize } = statfsSync(directory)
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
}

/** The hottest thermal zone of Linux, °C; null where there is none. */
export function readTemperature(zones: string): number | null {
  let hottest: number | null = null
  for (const zone of zonesIn(zones)) {
    try {
      const celsius = Number(readFileSync(join(zones, zone, 'temp'), 'utf8')) / 1000
      if (Number.isFinite(celsius) && (hottest === null || celsius > hottest)) hottest = celsius
    } catch {
      // A zone that is switched off cannot be read; the others count.
    }
  }
  return hottest
}

function zonesIn(directory: string): string[] {
  try {
    return readdirSync(directory).filter((name) => name.startsWith('thermal_zone'))
  } catch {
    // Not Linux, or no sensors.
    return []
  }
}
