import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Electron's binary, or in one line why the browser takes its place. */
export type FoundElectron = { binary: string } | { reason: string }

/** Looks for Electron without asking its package, which would fetch the binary at once. */
export function findElectron({
  env,
  platform,
  packageDirectory = 'node_modules/electron',
}: {
  env: NodeJS.ProcessEnv
  platform: NodeJS.Platform
  packageDirectory?: string
}): FoundElectron {
  const binary = binaryOf(env, platform, packageDirectory)
  if (binary === null || !existsSync(binary))
    return { reason: "Electron's binary is not installed here; get it with: npx install-electron --no" }
  if (!hasDisplay(env, platform)) return { reason: 'There is no display for a window.' }
  return { binary }
}

/** True where a window can be shown. */
function hasDisplay(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): boolean {
  return platform !== 'linux' || isSet(env['DISPLAY']) || isSet(env['WAYLAND_DISPLAY'])
}

function binaryOf(env: NodeJS.ProcessEnv, platform: NodeJS.Platform, packageDirectory: string): string | null {
  const pathFile = join(packageDirectory, 'path.txt')
  const named = existsSync(pathFile) ? readFileSync(pathFile, 'utf8').trim() : null
  const override = env['ELECTRON_OVERRIDE_DIST_PATH']
  if (isSet(override)) return join(override, named ?? (platform === 'win32' ? 'electron.exe' : 'electron'))
  return named === null ? null : join(packageDirectory, 'dist', named)
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== ''
}
