import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, normalize, relative } from 'node:path'
import { describe, expect, test } from 'vitest'

/** Who may import whom, and which packages each layer may use. Project references do not catch packages or type-only imports of a wrong layer. */
const layers: Record<string, { layers: string[]; packages: string[]; hasNode: boolean }> = {
  // d3 is for `shared/charts`: pure functions from data to paths, drawn by the screens and by reports alike.
  // The decoders and the inflater are for pictures in requests (`shared/inference/picture`), the same on console and device.
  shared: { layers: [], packages: ['zod', 'd3-array', 'd3-scale', 'd3-shape', 'fast-png', 'fflate', 'jpeg-js'], hasNode: false },
  agent: {
    layers: ['shared'],
    packages: [
      '@tufjs/models',
      'better-sqlite3',
      'commander',
      'csv-parse',
      'csv-stringify',
      'hyparquet',
      'hyparquet-compressors',
      'hyparquet-writer',
      'mqtt',
      'onnxruntime-node',
      'smol-toml',
      'tuf-js',
      'zod',
    ],
    hasNode: true,
  },
  'electron/core': {
    layers: ['shared'],
    packages: [
      '@peculiar/x509',
      '@simplewebauthn/server',
      '@tufjs/models',
      'aedes',
      'better-sqlite3',
      'commander',
      'croner',
      'csv-parse',
      'hyparquet-writer',
      'mqtt',
      'nodemailer',
      'onnxruntime-node',
      'openid-client',
      'pdfmake',
      'pg',
      'pino',
      'reflect-metadata',
      'semver',
      'tuf-js',
      'write-excel-file',
      'ws',
      'yaml',
      'zod',
    ],
    hasNode: true,
  },
  'electron/main': { layers: ['shared', 'electron/core'], packages: ['electron', 'zod'], hasNode: true },
  'electron/preload': { layers: ['shared'], packages: ['electron'], hasNode: false },
  renderer: {
    layers: ['shared'],
    packages: [
      '@fontsource-variable/inter',
      '@fontsource-variable/jetbrains-mono',
      '@mantine/core',
      '@mantine/hooks',
      '@mantine/modals',
      '@mantine/notifications',
      '@mantine/spotlight',
      '@simplewebauthn/browser',
      '@tabler/icons-react',
      '@tanstack/react-query',
      '@tanstack/react-virtual',
      'react',
      'react-dom',
      'uplot',
      'wouter',
      'zod',
    ],
    hasNode: false,
  },
  build: {
    layers: ['shared', 'agent', 'electron/core'],
    packages: [
      '@electron/fuses',
      '@vitejs/plugin-react',
      'better-sqlite3',
      'electron-builder',
      // The bench runs models bare, beside the agent.
      'onnxruntime-node',
      'playwright-core',
      'rolldown',
      'vite',
      'zod',
    ],
    hasNode: true,
  },
}

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s[^'"=;]*?\bfrom\s*['"]([^'"]+)['"]|(?:^|\n)\s*import\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g

function sourcesOf(layer: string): string[] {
  return readdirSync(layer, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
}

function layerOf(path: string): string | null {
  return Object.keys(layers).find((layer) => path.startsWith(`${layer}/`)) ?? null
}

/** Imports of a file that its layer does not allow. */
function violations(file: string, source: string): string[] {
  const layer = layerOf(file)!
  const rule = layers[layer]!
  const found: string[] = []
  for (const match of source.matchAll(importPattern)) {
    const specifier = match[1] ?? match[2] ?? match[3]!
    if (specifier.startsWith('.')) {
      const target = layerOf(normalize(join(dirname(file), specifier)))
      if (target !== layer && (target === null || !rule.layers.includes(target))) found.push(`${file} imports ${specifier}`)
    } else if (specifier.startsWith('node:') || builtinModules.includes(specifier)) {
      if (!rule.hasNode || !specifier.startsWith('node:')) found.push(`${file} imports ${specifier}`)
    } else {
      const name = specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/')
      if (!rule.packages.includes(name)) found.push(`${file} imports ${specifier}`)
    }
  }
  return found
}

describe('layers', () => {
  test.each(Object.keys(layers))('%s imports only what it may', (layer) => {
    const files = sourcesOf(layer)
    expect(files.length).toBeGreaterThan(0)
    expect(files.flatMap((file) => violations(relative('.', file), readFileSync(file, 'utf8')))).toEqual([])
  })

  test('a planted violation of each kind is found', () => {
    const planted = [
      violations('shared/domain/x.ts', "import fs from 'node:fs'"),
      violations('shared/domain/x.ts', "import type { A } from '../../agent/main.ts'"),
      violations('agent/x.ts', "import { b } from '../electron/core/core.ts'"),
      violations('electron/core/x.ts', "import type { BrowserWindow } from 'electron'"),
      violations('electron/core/hub/x.ts', "const m = await import('../../../agent/cli.ts')"),
      violations('agent/x.ts', "export * from 'lodash'"),
      violations('renderer/screens/x.tsx', "import type { Core } from '../../electron/core/core.ts'"),
      violations('electron/preload/x.ts', "import fs from 'node:fs'"),
    ]
    expect(planted.map((found) => found.length)).toEqual([1, 1, 1, 1, 1, 1, 1, 1])
  })
})

describe('names', () => {
  test('no drawer folders or files', () => {
    const drawers = Object.keys(layers)
      .flatMap(sourcesOf)
      .filter((file) => /(^|\/)(utils?|helpers?|common|manager|types)(\.tsx?$|\/)/.test(file))
    expect(drawers).toEqual([])
  })

  test('files are kebab-case', () => {
    const odd = Object.keys(layers)
      .flatMap(sourcesOf)
      .filter((file) => !/^[a-z0-9-]+(\.[a-z]+)?\.tsx?$/.test(file.split('/').at(-1)!))
    expect(odd).toEqual([])
  })
})
