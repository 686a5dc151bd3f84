import { FuseV1Options } from '@electron/fuses'
import { Ajv } from 'ajv'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { architectures, fuses, packageConfig, platforms, type PackageTarget } from '../../../build/package/package-config.ts'

const target: PackageTarget = { platform: 'linux', architecture: 'x64', output: 'out', nodeBinary: '/node', papers: 'out/papers' }

test('a release is no Node, takes no debugger and loads nothing but its own asar', () => {
  expect(packageConfig(target, { withFuses: true }).electronFuses).toEqual({
    runAsNode: false,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableCookieEncryption: true,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    grantFileProtocolExtraPrivileges: false,
  })
})

test('every fuse that is set is one that Electron has', () => {
  const known = Object.keys(FuseV1Options).map((name) => name.toLowerCase())
  expect(Object.keys(fuses).filter((name) => !known.includes(name.toLowerCase()))).toEqual([])
})

test.each([
  ['linux', 'arm64', 'linux-arm64.node', 'linux/arm64/**'],
  ['win', 'x64', 'win32-x64.node', 'win32/x64/**'],
  ['mac', 'arm64', 'darwin-arm64.node', 'darwin/arm64/**'],
] as const)(
  'a package for %s %s takes the native modules of that system, whatever the machine that packages',
  (platform, architecture, sqlite, onnx) => {
    const files = packageConfig({ ...target, platform, architecture }, { withFuses: true }).files as string[]
    expect(files.filter((pattern) => /prebuilds|napi/.test(pattern))).toEqual([
      `node_modules/better-sqlite3/prebuilds/${sqlite}`,
      `node_modules/onnxruntime-node/bin/napi-v6/${onnx}`,
    ])
    expect(JSON.stringify(files)).not.toContain('${')
  },
)

test('Node and the command line come along under the names that are looked for, with the bill of materials and the licences', () => {
  const papers = [
    { from: 'out/papers/sbom.cdx.json', to: 'sbom.cdx.json' },
    { from: 'out/papers/THIRD-PARTY-LICENSES.txt', to: 'THIRD-PARTY-LICENSES.txt' },
  ]
  expect(packageConfig(target, { withFuses: true }).extraResources).toEqual([
    { from: '/node', to: 'node/node' },
    { from: 'build/package/files/muster', to: 'bin/muster' },
    ...papers,
  ])
  expect(packageConfig({ ...target, platform: 'win', nodeBinary: 'C:/node.exe' }, { withFuses: true }).extraResources).toEqual([
    { from: 'C:/node.exe', to: 'node/node.exe' },
    { from: 'build/package/files/muster.cmd', to: 'bin/muster.cmd' },
    ...papers,
  ])
})

test('.muster files and muster:// addresses open the console; Windows takes that for all users or not at all', () => {
  const config = packageConfig(target, { withFuses: true })
  expect(config.fileAssociations).toEqual([expect.objectContaining({ ext: 'muster', mimeType: 'application/x-muster-bundle' })])
  expect(config.protocols).toEqual([{ name: 'Muster', schemes: ['muster'] }])
  expect(config.nsis).toMatchObject({ perMachine: true, deleteAppDataOnUninstall: false })
})

test('updates are off until an address is named, and then it is https', () => {
  expect(packageConfig(target, { withFuses: true })).toMatchObject({ publish: null, extraMetadata: { main: 'dist/main/main.mjs' } })
  expect(packageConfig(target, { withFuses: true }).extraMetadata).not.toHaveProperty('updates')
  expect(packageConfig({ ...target, updateUrl: 'https://updates.example/muster/' }, { withFuses: true }).extraMetadata).toMatchObject({
    updates: 'https://updates.example/muster',
  })
  expect(packageConfig({ ...target, updateUrl: 'https://updates.example/muster/' }, { withFuses: true }).publish).toEqual([
    { provider: 'generic', url: 'https://updates.example/muster', channel: 'latest', useMultipleRangeRequest: false },
  ])
  for (const refused of [
    'http://updates.example/',
    'https://me:secret@updates.example/',
    'updates.example',
    'https://updates.example/?key=1',
  ])
    expect(() => packageConfig({ ...target, updateUrl: refused }, { withFuses: true })).toThrow('no plain https address')
})

test('electron-builder takes the configuration of every system by its own schema, and no other words', () => {
  const schema = JSON.parse(readFileSync('node_modules/app-builder-lib/scheme.json', 'utf8')) as object
  const check = new Ajv({ strict: false, allErrors: true }).compile(schema)
  for (const platform of platforms)
    for (const architecture of architectures) {
      const config = packageConfig({ ...target, platform, architecture, updateUrl: 'https://updates.example' }, { withFuses: true })
      // A hook is a function, which no schema can look into.
      expect([platform, architecture, check({ ...config, afterPack: null }), check.errors]).toEqual([platform, architecture, true, null])
      expect(check({ ...config, afterPack: null, fileAssociation: [] })).toBe(false)
      expect(check({ ...config, afterPack: null, linux: { executabel: 'muster' } })).toBe(false)
    }
})

test('macOS lets the application compile code while it runs, and nothing more', () => {
  const { mac } = packageConfig({ ...target, platform: 'mac' }, { withFuses: true })
  expect(mac).toMatchObject({ hardenedRuntime: true, entitlementsInherit: mac!.entitlements })
  const granted = [...readFileSync(mac!.entitlements!, 'utf8').matchAll(/<key>(.+)<\/key>\s*<true\/>/g)].map(([, name]) => name)
  expect(granted).toEqual(['com.apple.security.cs.allow-jit', 'com.apple.security.cs.allow-unsigned-executable-memory'])
})

test('a release that must be signed fails without a certificate, which only the environment names', () => {
  expect(packageConfig(target, { withFuses: true }).forceCodeSigning).toBe(false)
  const config = packageConfig({ ...target, platform: 'win', mustBeSigned: true }, { withFuses: true })
  expect(config.forceCodeSigning).toBe(true)
  expect(JSON.stringify(config)).not.toMatch(/certificate|password|identity|cscLink/i)
})
