import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { musterVersion } from '../../../shared/domain/version.ts'

const FOLDER = 'build/docker'
const dockerfile = readFileSync(join(FOLDER, 'Dockerfile'), 'utf8')

/** Instructions of each stage of a Dockerfile, continued lines joined. */
function stagesOf(text: string): Map<string, string[]> {
  const stages = new Map<string, string[]>()
  const lines = text.replace(/\\\n\s*/g, '').split('\n').filter((line) => line !== '' && !line.startsWith('#')) // prettier-ignore
  let name = ''
  for (const line of lines) {
    name = /^FROM .* AS (\S+)$/.exec(line)?.[1] ?? name
    stages.set(name, [...(stages.get(name) ?? []), line])
  }
  return stages
}

const stages = stagesOf(dockerfile)

describe('the Dockerfile', () => {
  test('has a stage that builds and one for each image, on the Node that the tests run on', () => {
    expect([...stages.keys()]).toEqual(['build', 'runtime', 'console', 'agent'])
    const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { devDependencies: Record<string, string> }
    const bases = [...dockerfile.matchAll(/^FROM (node:\S+)/gm)].map(([, base]) => base)
    expect(new Set(bases)).toEqual(new Set([`node:${devDependencies['node']!}-bookworm-slim`]))
  })

  test.each(['console', 'agent'])('%s runs as a user without rights, says how it is, and keeps its data on a volume', (name) => {
    const lines = stages.get(name)!
    const of = (word: string): string[] => lines.filter((line) => line.startsWith(`${word} `))
    expect(of('USER')).toEqual(['USER 10001:10001'])
    expect(of('HEALTHCHECK')).toHaveLength(1)
    expect(of('VOLUME')).toHaveLength(1)
    expect(of('ENTRYPOINT')).toEqual([`ENTRYPOINT ["/opt/${name === 'console' ? 'muster' : 'muster-agent'}/bin/start-${name}"]`])
    // Only what was assembled comes in: no source, no tool, no key.
    expect(of('COPY')).toEqual([`COPY --from=build /images/${name} /opt/${name === 'console' ? 'muster' : 'muster-agent'}`])
    expect(lines.join('\n')).not.toMatch(/token|password|secret|\bkey\b/i)
  })

  test('builds every part that the images and their papers are made of, and the papers of an image ask for no other', () => {
    const build = stages.get('build')!.join('\n')
    for (const step of ['vite.js build', 'build/bundle.ts', 'build/docker/assemble-images.ts']) expect(build).toContain(step)
    expect(build).not.toContain('bundle-desktop')
    // Without its scripts npm brings no Node of its own, whose licence is asked for only where it is shipped.
    expect(build).toContain('npm ci --ignore-scripts')
    expect(readFileSync(join(FOLDER, 'assemble-images.ts'), 'utf8')).toContain('{ isDesktop: false }')
  })

  test('what it builds with is given to the builder, and data and history are not', () => {
    const lines = readFileSync(join(FOLDER, 'Dockerfile.dockerignore'), 'utf8').split('\n').filter((line) => line !== '' && !line.startsWith('#')) // prettier-ignore
    expect(lines[0]).toBe('*')
    const given = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1))
    expect(given.filter((path) => !existsSync(path))).toEqual([])
    for (const needed of ['package-lock.json', 'build', 'electron', 'renderer', 'shared', 'agent', 'LICENSE'])
      expect(given).toContain(needed)
  })

  test('what the page shows as help is given to the builder, too', () => {
    const lines = readFileSync(join(FOLDER, 'Dockerfile.dockerignore'), 'utf8').split('\n')
    const documents = [...readFileSync('renderer/screens/help/help-documents.ts', 'utf8').matchAll(/path: '(.+\.md)'/g)].map(
      ([, path]) => path!,
    )
    expect(documents.length).toBeGreaterThan(5)
    for (const path of [...documents, 'build/screenshots/overview-dark.png'])
      expect([path, lines.some((line) => line === `!${path}` || (line.startsWith('!') && path.startsWith(`${line.slice(1)}/`)))]).toEqual([
        path,
        true,
      ])
    // Nothing that was given is taken back: a pattern for all documents would empty the help.
    expect(lines.filter((line) => line !== '' && line !== '*' && !/^[!#]/.test(line))).toEqual([])
  })

  test('its scripts are sh', () => {
    const faults = ['start-console', 'start-agent', 'muster'].map((name) => spawnSync('sh', ['-n', join(FOLDER, name)]).status)
    expect(faults).toEqual([0, 0, 0])
  })
})

interface Service {
  image: string
  build?: { context: string; dockerfile: string; target: string }
  read_only: boolean
  cap_drop: string[]
  security_opt: string[]
  init: boolean
  ports?: string[]
  volumes?: string[]
  environment?: Record<string, string>
  network_mode?: string
  profiles?: string[]
}
const compose = parse(readFileSync(join(FOLDER, 'compose.yaml'), 'utf8'), { merge: true }) as {
  services: Record<string, Service>
  volumes: Record<string, null>
}

describe('the compose file', () => {
  test('starts a console and two agents, hardened, each with a volume of its own', () => {
    expect(Object.keys(compose.services)).toEqual(['console', 'page', 'agent-1', 'agent-2'])
    for (const service of Object.values(compose.services)) {
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'], init: true })
      if (service.build === undefined) continue
      expect(existsSync(join(FOLDER, service.build.context, service.build.dockerfile))).toBe(true)
      expect(stages.has(service.build.target)).toBe(true)
    }
    const used = Object.values(compose.services).flatMap(({ volumes }) => volumes?.map((volume) => volume.split(':')[0]!) ?? [])
    expect(used).toEqual(Object.keys(compose.volumes))
    expect(new Set(Object.values(compose.services).map(({ image }) => image))).toEqual(
      new Set([`muster-console:${musterVersion}`, `muster-agent:${musterVersion}`]),
    )
  })

  test('opens to others only the port of the broker; page and agents answer this machine', () => {
    const ports = Object.values(compose.services).flatMap(({ ports: given }) => given ?? [])
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual(['8883:8883'])
  })

  test('agents reach the broker over TLS by a name that is in its certificate', () => {
    const names = compose.services['console']!.environment!['MUSTER_BROKER_NAMES']!
    for (const agent of ['agent-1', 'agent-2']) {
      const { hostname } = new URL(compose.services[agent]!.environment!['MUSTER_AGENT_BROKER']!)
      expect([hostname, names.split(' ')[0]]).toEqual(['console', 'console'])
    }
  })

  test('the page is forwarded only where somebody asks for it', () => {
    expect(compose.services['page']).toMatchObject({ profiles: ['page'], network_mode: 'service:console' })
  })
})
