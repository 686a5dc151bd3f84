import type { Configuration, FileSet } from 'electron-builder'
import { LICENSES_FILE } from '../licenses.ts'
import { installers, productName, summary, updateFeed } from './installers.ts'
import { SBOM_FILE } from './sbom.ts'

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
  /** Folder with the bill of materials and the licences, which stand beside the application. */
  papers: string
  /** A folder like Electron's zip; left out: the release is fetched. */
  electronDist?: string
  /** Where the feeds of updates will lie; left out: none are made. */
  updateUrl?: string
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
export const nativePackages = ['better-sqlite3', 'onnxruntime-node', 'onnxruntime-common']

/**
 * Configuration of electron-builder for one target.
 * @param withFuses false only for a stand-in of Electron that has none to flip
 */
export function packageConfig(target: PackageTarget, { withFuses }: { withFuses: boolean }): Configuration {
  const isWindows = target.platform === 'win'
  return {
    ...installers,
    appId: 'dev.muster.console',
    productName,
    copyright: 'Muster contributors, Apache-2.0',
    directories: { output: target.output, buildResources: 'dist/main/icons' },
    ...(target.electronDist === undefined ? {} : { electronDist: target.electronDist }),
    ...(withFuses ? { electronFuses: fuses } : {}),
    asar: true,
    // Node, which runs children of the core, reads no asar; libraries beside a native module are loaded by the system.
    asarUnpack: ['dist/console/**', 'dist/agent/**', ...nativePackages.map((name) => `node_modules/${name}/**`)],
    files: filesOf(target),
    extraResources: [
      { from: target.nodeBinary, to: isWindows ? 'node/node.exe' : 'node/node' },
      ...[SBOM_FILE, LICENSES_FILE].map((name) => ({ from: `${target.papers}/${name}`, to: name })),
    ],
    extraMetadata: { main: 'dist/main/main.mjs' },
    // The native modules are N-API: one file serves Node and Electron.
    npmRebuild: false,
    buildDependenciesFromSource: false,
    publish: updateFeed(target.updateUrl) ?? null,
    protocols: [{ name: productName, schemes: ['muster'] }],
    linux: {
      category: 'Development',
      executableName: 'muster',
      synopsis: summary,
      syncDesktopName: true,
      icon: 'dist/main/icons/linux',
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
    // Icons of installers are in the installers; the licences of all bundles stand in one file beside the application.
    '!dist/main/icons/{icon.*,linux/**}',
    `!dist/*/${LICENSES_FILE}`,
  ]
}
