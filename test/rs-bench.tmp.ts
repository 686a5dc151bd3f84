import { readFileSync } from 'node:fs'
import { LocalConsole } from '../build/demo/local-fleet.ts'
const DAY = 86_400_000
const days = 90
const through = Math.floor(Date.now() / DAY) * DAY
const say = (t: string) => process.stdout.write(t + '\n')
const stat = (pid: number) => { const f = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' '); return (Number(f[11]) + Number(f[12])) / 100 }
const mem = (pid: number) => { const s = readFileSync(`/proc/${pid}/status`, 'utf8'); const at = (n: string) => Math.round(Number(new RegExp(`${n}:\\s+(\\d+) kB`).exec(s)?.[1] ?? 0) / 1024); return { now: at('VmRSS'), most: at('VmHWM') } }
const host = await LocalConsole.start('/tmp/p12/rs-perf', ['--log-level', 'error'])
const pid = host.program!.child.pid!
say(`start: ${JSON.stringify(mem(pid))}`)
const wait = (ms: number) => new Promise((r) => setTimeout(r, ms))
async function measure(kind: any, formats: any) {
  let on = true, worst = 0, calls = 0, most = 0
  const loop = (async () => { while (on) { const b = performance.now(); await host.rpc!.call('jobs.list', {}); worst = Math.max(worst, performance.now() - b); calls++; most = Math.max(most, mem(pid).now); await wait(20) } })()
  const b = performance.now(), cpu = stat(pid)
  const { job, report } = await host.rpc!.call('reports.create', { kind, from: through - days * DAY, through, zone: 'UTC', formats })
  const notes = new Set<string>()
  for (;;) { const j = await host.rpc!.call('jobs.show', { job }); notes.add(j.note); if (j.state === 'failed') throw new Error(j.problem?.message); if (j.state !== 'running') break; await wait(50) }
  const took = (performance.now() - b) / 1000, used = stat(pid) - cpu
  on = false; await loop
  const { files, facts } = await host.rpc!.call('reports.show', { report })
  say(`${kind} ${formats}: ${took.toFixed(1)} s wall, ${used.toFixed(1)} s cpu; ${facts} values; ${files.map((f: any) => `${f.format} ${(f.bytes / 1e6).toFixed(1)}`).join(' ')}; ${calls} calls, slowest ${worst.toFixed(0)} ms; RSS most ${most} MB; ${notes.size} notes`)
}
try {
  await measure('fleet', ['html'])
  await measure('fleet', ['pdf'])
  await measure('fleet', ['csv'])
  await measure('fleet', ['xlsx'])
  await measure('fleet', ['parquet'])
  await measure('cost', ['html', 'xlsx'])
  const { job, report } = await host.rpc!.call('reports.create', { kind: 'fleet', from: through - days * DAY, through, zone: 'UTC', formats: ['html'] })
  for (;;) { const j = await host.rpc!.call('jobs.show', { job }); if (j.state !== 'running' || (j.progress ?? 0) > 0.3) break; await wait(20) }
  const b = performance.now(); await host.rpc!.call('jobs.cancel', { job })
  while ((await host.rpc!.call('jobs.show', { job })).state === 'running') await wait(10)
  const s = await host.rpc!.call('reports.show', { report }); say(`cancel: ${(performance.now() - b).toFixed(0)} ms; ${s.state} ${s.problem}`)
  await measure('fleet', ['html'])
} finally { await host.stop() }
