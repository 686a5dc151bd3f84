import type { AfterPackContext, Configuration, FileSet } from 'electron-builder'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { LICENSES_FILE } from '../licenses.ts'
import { desktopName, feedAddress, installers, productName, summary, updateFeed } from './installers.ts'
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
  /** Whether a package without a signature of its system is an error. */
  mustBeSigned?: boolean
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

const ENTITLEMENTS = 'build/package/files/entitlements.mac.plist'

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
  const launcher = isWindows ? 'muster.cmd' : 'muster'
  return {
    ...installers,
    appId: 'dev.muster.console',
    productName,
    copyright: 'Muster contributors, Apache-2.0',
    directories: { output: target.output, buildResources: 'dist/main/icons' },
    ...(target.electronDist === undefined ? {} : { electronDist: target.electronDist }),
    ...(withFuses ? { electronFuses: fuses } : {}),
    asar: true,
    // Node, which runs the command line and children of the core, reads no asar; libraries beside a native module are loaded by the system.
    asarUnpack: ['dist/console/**', 'dist/agent/**', 'dist/renderer/**', ...nativePackages.map((name) => `node_modules/${name}/**`)],
    files: filesOf(target),
    extraResources: [
      { from: target.nodeBinary, to: isWindows ? 'node/node.exe' : 'node/node' },
      { from: `build/package/files/${launcher}`, to: `bin/${launcher}` },
      ...[SBOM_FILE, LICENSES_FILE].map((name) => ({ from: `${target.papers}/${name}`, to: name })),
    ],
    // The desktop reads where to ask for newer versions out of its own archive.
    extraMetadata: {
      main: 'dist/main/main.mjs',
      desktopName,
      ...(target.updateUrl === undefined ? {} : { updates: feedAddress(target.updateUrl) }),
    },
    // The interface speaks English, and so do the dialogs of Chromium; its other 50 languages are 40 MB.
    electronLanguages: ['en-US'],
    afterPack: removeSampleApplication,
    // The native modules are N-API: one file serves Node and Electron.
    npmRebuild: false,
    buildDependenciesFromSource: false,
    publish: updateFeed(target.updateUrl) ?? null,
    // Certificates and passwords come from the environment of whoever makes a release: none is named here.
    forceCodeSigning: target.mustBeSigned === true,
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
      // No more than V8 needs: libraries must have the same signature, and the loader takes no word of the environment.
      entitlements: ENTITLEMENTS,
      entitlementsInherit: ENTITLEMENTS,
      extendInfo: { NSLocalNetworkUsageDescription: 'Devices of the fleet report to this console over the local network.' },
    },
  }
}

/** A release that is given as a folder keeps the application that Electron shows when it has none. */
async function removeSampleApplication({ packager, appOutDir }: AfterPackContext): Promise<void> {
  await rm(join(packager.getResourcesDir(appOutDir), 'default_app.asar'), { force: true })
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
