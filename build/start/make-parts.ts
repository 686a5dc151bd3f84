import { spawnSync } from 'node:child_process'
import { isStale, type BuildPart } from './fresh-build.ts'

/**
 * Builds the parts that are missing or older than their sources, with the Node that runs this.
 * @throws Error with what was printed if one cannot be built
 */
export function makeParts(parts: readonly BuildPart[], say: (text: string) => void): void {
  for (const part of parts.filter((one) => isStale(one))) {
    say(`building the ${part.name} …`)
    const { status, stdout, stderr } = spawnSync(process.execPath, [...part.command], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`The ${part.name} could not be built:\n${stdout}${stderr}`)
  }
}
