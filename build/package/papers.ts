import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LICENSES_FILE, licenseOf, packagesIn } from '../licenses.ts'
import { reportFont } from '../report-fonts.ts'
import { nativePackages } from './package-config.ts'
import { billOfMaterials, lockedBom, SBOM_FILE } from './sbom.ts'

/** The parts of a build that hold packages; a container has no desktop. */
const bundles = ['dist/renderer', 'dist/console', 'dist/agent']

/**
 * Writes the licences of everything that is shipped, and its bill of materials.
 * @param isDesktop with the main process, Electron, and the Node that comes along; a container has that of the image it is made from
 * @throws Error if a part of the build has no licences beside it
 */
export function writePapers(folder: string, { isDesktop }: { isDesktop: boolean }): { packages: number } {
  const packages = shippedPackages(isDesktop ? ['dist/main', ...bundles] : bundles)
  mkdirSync(folder, { recursive: true })
  const texts = [...packages].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text)
  writeFileSync(join(folder, LICENSES_FILE), [...texts, ...(isDesktop ? [nodeLicense()] : [])].join('\n'))
  const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { devDependencies: Record<string, string> }
  const programs = ['electron', 'node'].map((name) => ({
    name,
    version: devDependencies[name]!,
    license: 'MIT',
    type: 'application' as const,
  }))
  const bill = billOfMaterials(lockedBom(), new Set(packages.keys()), [...(isDesktop ? programs : []), reportFont])
  writeFileSync(join(folder, SBOM_FILE), `${JSON.stringify(bill, null, 2)}\n`)
  return { packages: packages.size }
}

function shippedPackages(parts: readonly string[]): Map<string, string> {
  const all = nativePackages.map((name) => licenseOf(join('node_modules', name)))
  for (const bundle of parts) {
    const file = join(bundle, LICENSES_FILE)
    if (!existsSync(file)) throw new Error(`${file} is missing. Run: npm run build`)
    all.push(readFileSync(file, 'utf8'))
  }
  return new Map(all.flatMap((text) => [...packagesIn(text)]))
}

/** Node's own licence; that of Electron comes with its release. */
function nodeLicense(): string {
  const found = ['linux-x64', 'linux-arm64', 'darwin-arm64', 'darwin-x64', 'win-x64', 'win-arm64']
    .map((name) => `node_modules/node/node_modules/node-${name}/LICENSE`)
    .find((file) => existsSync(file))
  if (found === undefined) throw new Error('The licence of Node is not where npm puts it. Run: npm ci')
  const rule = '='.repeat(80)
  return `${rule}\nNode.js, which runs children of the console\n${rule}\n${readFileSync(found, 'utf8')}`
}
