import { execFileSync } from 'node:child_process'
import { z } from 'zod'
import { musterVersion } from '../../shared/domain/version.ts'
import { productName } from './installers.ts'

/** Name of the bill of materials, CycloneDX 1.5 as JSON. */
export const SBOM_FILE = 'sbom.cdx.json'

const component = z.looseObject({ 'bom-ref': z.string(), type: z.string(), name: z.string(), version: z.string().optional() })
const cycloneDx = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.string(),
  metadata: z.looseObject({ component }),
  components: z.array(component),
  dependencies: z.array(z.looseObject({ ref: z.string(), dependsOn: z.array(z.string()).optional() })).optional(),
})
export type CycloneDx = z.infer<typeof cycloneDx>

/** What npm knows of every package of the lockfile; it asks no registry. @throws Error if npm says something else */
export function lockedBom(): CycloneDx {
  const said = execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'ignore'],
    shell: process.platform === 'win32',
  })
  return cycloneDx.parse(JSON.parse(said))
}

/** What is shipped but is no package of the lockfile: a program, or files of somebody else. */
export interface ShippedPart {
  name: string
  version: string
  license: string
  type: 'application' | 'file'
}

/**
 * The bill of what is shipped, out of the bill of what is installed: tools that only build are no part of it.
 * @param shipped packages as `name@version`
 * @throws Error if one of them is not in the lockfile: then the bill would be wrong
 */
export function billOfMaterials(locked: CycloneDx, shipped: ReadonlySet<string>, parts: readonly ShippedPart[]): CycloneDx {
  const nameOf = (one: z.infer<typeof component>): string => `${one.name}@${one.version ?? ''}`
  const kept = locked.components.filter((one) => shipped.has(nameOf(one)))
  const known = new Set(kept.map(nameOf))
  const missing = [...shipped].filter((name) => !known.has(name))
  if (missing.length > 0) throw new Error(`The lockfile has no ${missing.join(', ')}, which the bundles hold. Run: npm ci`)
  const refs = new Set(kept.map((one) => one['bom-ref']))
  const root = locked.metadata.component['bom-ref']
  const { timestamp: _, ...metadata } = locked.metadata as CycloneDx['metadata'] & { timestamp?: string }
  const { serialNumber: __, ...rest } = locked as CycloneDx & { serialNumber?: string }
  return {
    ...rest,
    metadata: {
      ...metadata,
      component: { ...locked.metadata.component, type: 'application', name: productName.toLowerCase(), version: musterVersion },
    },
    components: [
      // What is bundled is needed, whatever npm's kind of dependency said.
      ...kept.map((one) => ({ ...one, scope: 'required' })),
      ...parts.map(({ name, version, license, type }) => ({
        ...{ 'bom-ref': `${type}:${name}@${version}`, type, name, version, scope: 'required' },
        ...{ purl: `pkg:generic/${name}@${version}`, licenses: [{ license: { id: license } }] },
      })),
    ],
    dependencies: (locked.dependencies ?? [])
      .filter(({ ref }) => refs.has(ref) || ref === root)
      .map((one) => ({ ...one, dependsOn: (one.dependsOn ?? []).filter((ref) => refs.has(ref)) })),
  }
}
