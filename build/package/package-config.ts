import type { Configuration, FileSet } from 'electron-builder'

export const platforms = ['linux', 'win', 'mac'] as const
export type PackagePlatform = (typeof platforms)[number]
export const architectures = ['x64', 'arm64'] as const
export type PackageArchitecture = (typeof architectures)[number]

/** What a package is made for and of. */
export interface PackageTarget {
  platform: PackagePlatform
  architecture: PackageArchitecture
  output: string
  /** Node for the target: children of the core run with it. */
  nodeBinary: string
  /** A folder like Electron's zip; left out: the release is fetched. */
  electronDist?: string
}

/** Fuses of the binary, flipped for good in a release: it is no Node, takes no debugger, and loads nothing but its own asar. */
export const fuses = {
  runAsNode: false,
  enableNodeOptionsEnvironmentVariable: false,
  enableNodeCliInspectArguments: false,
  enableCookieEncryption: true,
  enableEmbeddedAsarIntegrityValidation: true,
  onlyLoadAppFromAsar: true,
  grantFileProtocolExtraPrivileges: false,
} as const satisfies Configuration['electronFuses']

/** Names of platforms in the files of better-sqlite3 and onnxruntime-node. electron-builder's `${platform}` is the machine that packages. */
const nativeNames: Record<PackagePlatform, string> = { linux: 'linux', win: 'win32', mac: 'darwin' }

/** Packages that stay outside the bundles, with what their one library needs. */
const nativePackages = ['better-sqlite3', 'onnxruntime-node', 'onnxruntime-common']

/**
 * Configuration of electron-builder for one target.
 * @param withFuses false only for a stand-in of Electron that has none to flip
 */
export function packageConfig(target: PackageTarget, { withFuses }: { withFuses: boolean }): Configuration {
  const isWindows = target.platform === 'win'
  return {
    appId: 'dev.muster.console',
    productName: 'Muster',
    copyright: 'Muster contributors, Apache-2.0',
    directories: { output: target.output, buildResources: 'dist/main/icons' },
    ...(target.electronDist === undefined ? {} : { electronDist: target.electronDist }),
    ...(withFuses ? { electronFuses: fuses } : {}),
    asar: true,
    // Node, which runs children of the core, reads no asar; libraries beside a native module are loaded by the system.
    asarUnpack: ['dist/console/**', 'dist/agent/**', ...nativePackages.map((name) => `node_modules/${name}/**`)],
    files: filesOf(target),
    extraResources: [{ from: target.nodeBinary, to: isWindows ? 'node/node.exe' : 'node/node' }],
    extraMetadata: { main: 'dist/main/main.mjs' },
    // The native modules are N-API: one file serves Node and Electron.
    npmRebuild: false,
    buildDependenciesFromSource: false,
    publish: null,
    protocols: [{ name: 'Muster', schemes: ['muster'] }],
    linux: {
      category: 'Development',
      executableName: 'muster',
      syncDesktopName: true,
      icon: 'dist/main/icons/icon.png',
    },
    win: { executableName: 'Muster', icon: 'dist/main/icons/icon.ico' },
    mac: {
      category: 'public.app-category.developer-tools',
      icon: 'dist/main/icons/icon.icns',
      hardenedRuntime: true,
    },
  }
}

/** Only what runs: built files, and of the native packages what this target loads. */
function filesOf({ platform, architecture }: PackageTarget): (string | FileSet)[] {
  const native = nativeNames[platform]
  return [
    'dist/main/**',
    'dist/renderer/**',
    'dist/console/**',
    'dist/agent/**',
    'package.json',
    'LICENSE',
    '!node_modules/**',
    'node_modules/better-sqlite3/{package.json,LICENSE,lib/**}',
    `node_modules/better-sqlite3/prebuilds/${native}-${architecture}.node`,
    'node_modules/onnxruntime-node/{package.json,LICENSE,dist/**}',
    `node_modules/onnxruntime-node/bin/napi-v6/${native}/${architecture}/**`,
    'node_modules/onnxruntime-common/{package.json,LICENSE,dist/cjs/**}',
    '!**/*.{map,d.ts,d.ts.map,ts}',
  ]
}
