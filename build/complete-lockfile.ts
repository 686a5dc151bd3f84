import { readFileSync, writeFileSync } from 'node:fs'

// npm leaves an optional platform package out of the lockfile when the registry it was made with does not have it, and then `npm ci`
// refuses that lockfile. This adds such entries, with the platform that their name says. Run it after each change of dependencies:
// npm run lockfile

interface LockEntry {
  version?: string
  dev?: boolean
  optional?: boolean
  os?: string[]
  cpu?: string[]
  libc?: string[]
  optionalDependencies?: Record<string, string>
}

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32']
const processors = ['arm64', 'arm', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64']

/** os, cpu and libc from the last part of a platform package's name, such as `binding-linux-arm64-musl`. */
function platformOf(name: string): Pick<LockEntry, 'os' | 'cpu' | 'libc'> {
  const words = name.split('/').at(-1)!.split('-')
  const os = systems.find((one) => words.includes(one))
  const cpu = processors.find((one) => words.includes(one))
  if (cpu === undefined || (os === undefined && cpu !== 'wasm32')) throw new Error(`${name}: the name says no platform`)
  const libc = os === 'linux' ? [name.includes('musl') ? 'musl' : 'glibc'] : undefined
  return { cpu: [cpu], ...(os === undefined ? {} : { os: [os] }), ...(libc === undefined ? {} : { libc }) }
}

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, LockEntry> }
let added = 0
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const nested = `${path}/node_modules/${name}`
    const hoisted = `node_modules/${name}`
    const isThere = [nested, hoisted].some((place) => lock.packages[place]?.version === version)
    // Ranges and packages of the platform's own kind (fsevents) are in every registry.
    if (isThere || !/^\d/.test(version) || path === '') continue
    const place = lock.packages[hoisted] === undefined ? hoisted : nested
    lock.packages[place] = { version, ...platformOf(name), ...(entry.dev === true ? { dev: true } : {}), optional: true }
    added += 1
  }
}
const sorted = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync('package-lock.json', `${JSON.stringify({ ...lock, packages: sorted }, null, 2)}\n`)
process.stdout.write(`${added} platform packages added to package-lock.json\n`)
