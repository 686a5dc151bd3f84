import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { decode, encode } from 'fast-png'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { drawIcon } from '../../../build/desktop/draw-icon.ts'
import { icnsOf, icoOf, linuxSizes } from '../../../build/desktop/icon-files.ts'
import { licenseOf, licensesOf, packagesIn } from '../../../build/licenses.ts'
import { makeDeb } from '../../../build/package/deb.ts'
import { writeDebFeed } from '../../../build/package/deb-feed.ts'
import { packageConfig } from '../../../build/package/package-config.ts'
import { billOfMaterials, type CycloneDx } from '../../../build/package/sbom.ts'
import { askForUpdate, feedFile } from '../../../electron/main/updates.ts'
import { musterVersion } from '../../../shared/domain/version.ts'
import { temporaryDirectory } from '../../harness/fleet.ts'

describe('the licences of a bundle', () => {
  test('are found again by package, each with its text', () => {
    const text = licensesOf([join(process.cwd(), 'node_modules/zod/index.js'), join(process.cwd(), 'node_modules/@peculiar/x509/x.js')])
    const found = packagesIn(text)
    const { version } = JSON.parse(readFileSync('node_modules/zod/package.json', 'utf8')) as { version: string }
    expect([...found.keys()].map((name) => name.replace(/@[^@]+$/, ''))).toEqual(['@peculiar/x509', 'zod'])
    expect(found.get(`zod@${version}`)).toBe(licenseOf('node_modules/zod'))
  })
})

describe('the bill of materials', () => {
  const component = (name: string, version: string) => ({
    'bom-ref': `${name}@${version}`,
    type: 'library',
    name,
    version,
    scope: 'optional',
  })
  const locked: CycloneDx = {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    serialNumber: 'urn:uuid:1',
    metadata: { timestamp: 'now', component: { 'bom-ref': 'muster@0', type: 'library', name: 'folder', version: '0' } },
    components: [component('zod', '4.0.0'), component('mqtt', '5.0.0'), component('vitest', '5.0.0')],
    dependencies: [
      { ref: 'muster@0', dependsOn: ['zod@4.0.0', 'vitest@5.0.0'] },
      { ref: 'vitest@5.0.0', dependsOn: [] },
    ],
  }

  test('names what is shipped and nothing that only builds or tests; the same build gives the same bill', () => {
    const bill = billOfMaterials(locked, new Set(['zod@4.0.0', 'mqtt@5.0.0']), [
      { name: 'node', version: '24.0.0', license: 'MIT', type: 'application' },
    ])
    expect(bill.components.map(({ name, scope }) => [name, scope])).toEqual([
      ['zod', 'required'],
      ['mqtt', 'required'],
      ['node', 'required'],
    ])
    expect(bill.dependencies).toEqual([{ ref: 'muster@0', dependsOn: ['zod@4.0.0'] }])
    expect(bill.metadata.component).toMatchObject({ type: 'application', name: 'muster', version: musterVersion })
    expect(JSON.stringify(bill)).not.toMatch(/urn:uuid|timestamp/)
  })

  test('is refused where a bundle holds what the lockfile does not', () => {
    expect(() => billOfMaterials(locked, new Set(['left-pad@1.0.0']), [])).toThrow('left-pad@1.0.0')
  })
})

describe('icons', () => {
  const style = { field: [0, 0, 255], squares: [255, 255, 255] } as const
  // Large pictures take seconds to draw: what counts in the files of several is the frame around them.
  const blank = (size: number): Buffer =>
    Buffer.from(encode({ width: size, height: size, channels: 4, data: new Uint8Array(4 * size * size) }))

  test('a picture has the size that was asked for, a mark on a field, and clear corners', () => {
    const { width, height, data } = decode(drawIcon(32, style))
    const at = (x: number, y: number): number[] => [...data.subarray(4 * (32 * y + x), 4 * (32 * y + x) + 4)]
    expect([width, height, at(0, 0)[3], at(16, 3), at(9, 9)]).toEqual([32, 32, 0, [0, 0, 255, 255], [255, 255, 255, 255]])
  })

  test('an .ico lists its pictures where they are', () => {
    const ico = icoOf(blank)
    const count = ico.readUInt16LE(4)
    const sizes = Array.from({ length: count }, (_, i) => {
      const at = 6 + 16 * i
      const place = ico.readUInt32LE(at + 12)
      const { width, height } = decode(ico.subarray(place, place + ico.readUInt32LE(at + 8)))
      expect([ico[at], ico[at + 1]]).toEqual([width % 256, height % 256])
      return width
    })
    expect(sizes).toEqual([16, 24, 32, 48, 64, 128, 256])
  })

  test('an .icns has every kind that macOS asks for, whole', () => {
    const icns = icnsOf((size) => Buffer.from(`picture of ${size}`))
    expect([icns.toString('latin1', 0, 4), icns.readUInt32BE(4)]).toEqual(['icns', icns.length])
    const kinds: string[] = []
    for (let at = 8; at < icns.length; at += icns.readUInt32BE(at + 4))
      kinds.push(`${icns.toString('latin1', at, at + 4)} ${icns.toString('latin1', at + 8, at + icns.readUInt32BE(at + 4))}`)
    expect(kinds).toContain('ic10 picture of 1024')
    expect(kinds).toContain('ic07 picture of 128')
    expect(kinds).toHaveLength(8)
  })
})

const hasDpkg = spawnSync('dpkg-deb', ['--version']).status === 0

describe.skipIf(!hasDpkg)('a .deb', () => {
  let home: string
  let deb: string
  let contents: string
  const field = (name: string): string => execFileSync('dpkg-deb', ['--field', deb, name], { encoding: 'utf8' }).trim()

  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'muster-deb-'))
    const application = join(home, 'linux-unpacked')
    mkdirSync(join(application, 'resources'), { recursive: true })
    writeFileSync(join(application, 'muster'), 'program', { mode: 0o755 })
    writeFileSync(join(application, 'resources/app.asar'), 'archive')
    const icons = join(home, 'icons')
    mkdirSync(icons)
    for (const size of linuxSizes) writeFileSync(join(icons, `${size}x${size}.png`), `picture of ${size}`)
    deb = makeDeb({ application, architecture: 'arm64', output: home, icons, compression: 'none' })
    contents = execFileSync('dpkg-deb', ['--contents', deb], { encoding: 'utf8' })
  }, 60_000)

  afterAll(() => rmSync(home, { recursive: true, force: true }))

  test('says what it is and what it needs', () => {
    expect([field('Package'), field('Version'), field('Architecture')]).toEqual(['muster', musterVersion, 'arm64'])
    expect(field('Depends')).toContain('libnss3')
    expect(Number(field('Installed-Size'))).toBeGreaterThan(0)
  })

  test('belongs to root, and holds the application, its menu entry, its kind of file, its icons and its command', () => {
    expect(contents.split('\n').filter((line) => line !== '' && !line.includes('root/root'))).toEqual([])
    for (const path of [
      './opt/Muster/muster',
      './opt/Muster/resources/app.asar',
      './usr/share/applications/muster.desktop',
      './usr/share/mime/packages/muster.xml',
      './usr/share/icons/hicolor/512x512/apps/muster.png',
      './usr/bin/muster -> /opt/Muster/resources/bin/muster',
      './usr/bin/muster-desktop -> /opt/Muster/muster',
    ])
      expect(contents).toContain(path)
  })

  test('its menu entry and its kind of file name each other', () => {
    const folder = temporaryDirectory()
    execFileSync('dpkg-deb', ['--extract', deb, folder])
    const entry = readFileSync(join(folder, 'usr/share/applications/muster.desktop'), 'utf8')
    const kind = readFileSync(join(folder, 'usr/share/mime/packages/muster.xml'), 'utf8')
    const [, mime] = /MimeType=([^;]+);x-scheme-handler\/muster;/.exec(entry)!
    expect(kind).toContain(`type="${mime!}"`)
    expect(kind).toContain('pattern="*.muster"')
    expect(entry).toContain('Exec=/opt/Muster/muster %U')
    // What Electron calls its windows is in the archive: the entry must name them so.
    const target = { platform: 'linux', architecture: 'x64', output: 'out', nodeBinary: '/node', papers: 'papers' } as const
    expect(packageConfig(target, { withFuses: true }).extraMetadata).toMatchObject({ desktopName: 'muster.desktop' })
    expect(entry).toContain('StartupWMClass=muster\n')
  })

  test('its feed is one that the desktop reads, and names its bytes', async () => {
    const feed = readFileSync(writeDebFeed(deb, 'arm64')!, 'utf8')
    const parsed = parse(feed) as { version: string; files: { url: string; sha512: string; size: number }[] }
    const sha512 = createHash('sha512').update(readFileSync(deb)).digest('base64')
    expect(parsed.files).toEqual([{ url: basename(deb), sha512, size: statSync(deb).size }])
    const parts = { feed: 'https://updates.example', platform: 'linux' as const, architecture: 'arm64', version: '0.0.1' }
    expect(existsSync(join(home, feedFile(parts)))).toBe(true)
    expect(await askForUpdate({ ...parts, fetch: () => Promise.resolve(new Response(feed)) })).toEqual({
      state: 'newer',
      version: musterVersion,
    })
    expect(writeDebFeed(deb, 'arm64')).toBeNull()
  })

  test('its scripts are sh, and its checksums are those of its files', () => {
    const folder = temporaryDirectory()
    execFileSync('dpkg-deb', ['--raw-extract', deb, folder])
    for (const script of ['postinst', 'postrm']) expect(spawnSync('sh', ['-n', join(folder, 'DEBIAN', script)]).status).toBe(0)
    expect(spawnSync('md5sum', ['--check', '--quiet', 'DEBIAN/md5sums'], { cwd: folder, encoding: 'utf8' })).toMatchObject({
      status: 0,
      stderr: '',
    })
  })
})
