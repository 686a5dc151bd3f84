import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { until } from '../../build/demo/child.ts'
import { temporaryDirectory } from './fleet.ts'

/** Prometheus and promtool are installed (Debian package prometheus). */
export const hasPrometheus = spawnSync('promtool', ['--version']).status === 0 && spawnSync('prometheus', ['--version']).status === 0
if (!hasPrometheus)
  process.stderr.write('prometheus and promtool (Debian package prometheus) are not installed: their checks are skipped\n')

/** Runs promtool. @returns its exit code and everything that it printed */
export function promtool(args: readonly string[], input = ''): [exit: number | null, printed: string] {
  const ran = spawnSync('promtool', args, { input, encoding: 'utf8' })
  return [ran.status, ran.stdout + ran.stderr]
}

/** A sample of an instant query; a native histogram has no single value. */
export interface Sample {
  metric: Record<string, string>
  value?: [number, string]
  histogram?: [number, { count: string; sum: string; buckets: [number, string, string, string][] }]
}

/** A real Prometheus on loopback. */
export interface Prometheus {
  url: string
  query(expr: string): Promise<Sample[]>
  targets(): Promise<{ labels: Record<string, string>; health: string; lastError: string }[]>
}

/** Starts it with jobs that it scrapes every second; it ends with the test. */
export async function startPrometheus(
  jobs: readonly { name: string; target: string; token?: string }[],
  options: { hasNativeHistograms: boolean },
): Promise<Prometheus> {
  const directory = temporaryDirectory()
  const url = `http://127.0.0.1:${await freePort()}`
  const scrape = jobs.map(({ name, target, token }) => {
    if (token !== undefined) writeFileSync(join(directory, name), token, { mode: 0o600 })
    const authorization = token === undefined ? {} : { authorization: { credentials_file: join(directory, name) } }
    return { job_name: name, scrape_interval: '1s', static_configs: [{ targets: [target] }], ...authorization }
  })
  // JSON is YAML.
  writeFileSync(join(directory, 'prometheus.yaml'), JSON.stringify({ scrape_configs: scrape }))
  const program = spawn('prometheus', [
    `--config.file=${join(directory, 'prometheus.yaml')}`,
    `--storage.tsdb.path=${join(directory, 'data')}`,
    `--web.listen-address=${new URL(url).host}`,
    ...(options.hasNativeHistograms ? ['--enable-feature=native-histograms'] : []),
  ])
  let printed = ''
  program.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  onTestFinished(async () => {
    const ended = once(program, 'exit')
    if (program.exitCode === null && program.kill('SIGKILL')) await ended
  })
  const get = async <Data>(path: string): Promise<Data> => {
    const answer = (await (await fetch(url + path)).json()) as { status: string; data: Data; error?: string }
    if (answer.status !== 'success') throw new Error(`${path}: ${answer.error ?? answer.status}`)
    return answer.data
  }
  await until('Prometheus to be ready', 60, async () => {
    if (program.exitCode !== null) throw new Error(`Prometheus ended:\n${printed}`)
    return fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    )
  })
  return {
    url,
    query: async (expr) => (await get<{ result: Sample[] }>(`/api/v1/query?query=${encodeURIComponent(expr)}`)).result,
    targets: async () =>
      (await get<{ activeTargets: { labels: Record<string, string>; health: string; lastError: string }[] }>('/api/v1/targets'))
        .activeTargets,
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
