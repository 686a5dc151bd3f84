import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runProgram, until } from '../../build/demo/child.ts'
import { awaitJob } from '../../electron/core/cli/jobs.ts'
import { uploadFile } from '../../electron/core/cli/upload.ts'
import type { OutputOf } from '../../shared/rpc/contract.ts'
import { deployEverywhere, importSample, startFleet, type TestFleet } from '../harness/console.ts'

const MUSTER = 'electron/core/cli.ts'
const SHEET = `# Prices of the test
currency: CHF
links:
  - { name: ethernet, pricePerGigabyte: 0, megabitsPerSecond: 100 }
  - name: cellular
    pricePerGigabyte: 1000
    megabitsPerSecond: 4
    quiet: [{ cron: "0 7 * * 1-5", minutes: 60, timeZone: site }]
computePerHour: 0.01
monthlyBudget: 0.5
`

type Report = OutputOf<'costs.report'>

/** Bytes of bundles in the ledger of the device. It writes its entry when it stops; the entry arrives when it is back. */
async function received({ host, agents }: TestFleet, atLeast: number): Promise<number> {
  await agents[0]!.stop()
  await agents[0]!.launch()
  return until('the ledger to arrive', 30, async () => {
    const { rows } = await host.rpc!.call('costs.report', { from: Date.now() - 86_400_000, through: Date.now() + 86_400_000, by: 'cause' })
    const bytes = rows.find(({ key }) => key === 'model')?.bytesIn ?? 0
    return bytes >= atLeast ? bytes : null
  })
}

test(
  'what was forecast is what the transfer takes, block for block, and what the ledger of the device costs',
  { timeout: 240_000 },
  async () => {
    const fleet = await startFleet({ broker: 'embedded', devices: ['cam-1'] })
    const { host } = fleet
    const rpc = host.rpc!
    const muster = (...args: string[]): Promise<string> => runProgram(MUSTER, [...args, '--data', host.data])
    const json = async <Answer>(...args: string[]): Promise<Answer> => JSON.parse(await muster(...args, '--json')) as Answer
    const file = join(fleet.directory, 'prices.yaml')
    writeFileSync(file, SHEET)
    await json('costs', 'set', file)
    await rpc.call('devices.setLabels', { query: '', labels: { link: 'cellular' } })
    // What is printed as a file is taken back as it is.
    writeFileSync(file, await muster('costs', 'sheet', '--yaml'))
    expect(await json('costs', 'set', file)).toEqual(await json('costs', 'sheet'))

    await importSample(host, 'digits', '1.0.0')
    await importSample(host, 'digits', '1.2.0')
    // The weights of 1.2.0 once more, with other rows beside them: they are on the device by then.
    const { address } = host
    const upload = (name: string): Promise<string> => uploadFile(rpc, address, join('build/samples/digits', name))
    const files = { model: await upload('digits-1.2.0.onnx'), holdout: await upload('train.csv') }
    await awaitJob(rpc, (await rpc.call('models.import', { files, version: '1.2.1' })).job, 'import')

    let before = 0
    const steps: { version: string; forecast: number; sent: number }[] = []
    for (const version of ['1.0.0', '1.2.0', '1.2.1']) {
      const forecast = await rpc.call('costs.forecast', { model: 'digits', version })
      expect(forecast.byLink).toMatchObject([{ link: 'cellular', devices: 1, money: forecast.bytes / 1e6 }])
      await deployEverywhere(fleet, 'digits', version)
      const now = await received(fleet, before + forecast.bytes)
      steps.push({ version, forecast: forecast.bytes, sent: now - before })
      before = now
    }
    console.log('forecast against ledger, bytes:', JSON.stringify(steps))
    expect(steps.map(({ sent }) => sent)).toEqual(steps.map(({ forecast }) => forecast))
    // Without the weights, which are there already.
    expect(steps[2]!.forecast).toBeLessThan(steps[1]!.forecast / 2)

    const told = await json<OutputOf<'costs.forecast'>>('costs', 'forecast', 'digits@1.0.0', '--query', 'id = cam-1')
    expect(told).toEqual(await rpc.call('costs.forecast', { model: 'digits', version: '1.0.0' }))
    const report = await json<Report>('costs', 'report', '--since', '1d', '--by', 'cause')
    const model = report.rows.find(({ key }) => key === 'model')!
    expect([report.currency, model.transfer]).toEqual(['CHF', before / 1e6])
    expect(report.rows.reduce((sum, row) => sum + row.total, 0)).toBeCloseTo(report.total.total, 12)
    const csv = await muster('costs', 'report', '--since', '1d', '--by', 'link', '--csv')
    expect(csv.split('\r\n')[0]).toBe(
      'link,devices,transfer_chf,compute_chf,storage_chf,total_chf,bytes_in,bytes_out,cpu_seconds,inferences',
    )
    expect(csv.split('\r\n')[1]).toMatch(/^cellular,1,/)
    const text = await muster('costs', 'report', '--since', '1d')
    expect(text).toMatch(/cam-1 .*\n/)
    expect(text).toContain('of 0.50 CHF')

    writeFileSync(file, 'links: [{ name: a }]\ndefaultLink: b\n')
    await expect(muster('costs', 'set', file)).rejects.toThrow("no link is named 'b'")
    await expect(muster('costs', 'forecast', 'digits@9.9.9')).rejects.toThrow('model.not-found')
  },
)
