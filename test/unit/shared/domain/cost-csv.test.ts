import { expect, test } from 'vitest'
import { costsCsv } from '../../../../shared/domain/cost-csv.ts'

test('rows keep their exact numbers; the currency is in the names, and a key that a spreadsheet would run is harmless', () => {
  const row = {
    devices: 2,
    transfer: 0.000017925,
    compute: 1.5,
    storage: 0,
    total: 1.500017925,
    bytesIn: 17_925,
    bytesOut: 1,
    cpuSeconds: 0.5,
    inferences: 7,
  }
  expect(costsCsv('site', 'US $', [{ key: '=lyon', ...row }])).toBe(
    'site,devices,transfer_us_,compute_us_,storage_us_,total_us_,bytes_in,bytes_out,cpu_seconds,inferences\r\n' +
      "'=lyon,2,0.000017925,1.5,0,1.500017925,17925,1,0.5,7\r\n",
  )
  expect(costsCsv('day', 'EUR', [])).toMatch(/^day,devices,transfer_eur,/)
})
