import { describe, expect, it } from 'vitest'
import { addressRefusal } from '../../../../../../electron/core/monitor/channels/addresses.ts'
import { post } from '../../../../../../electron/core/monitor/channels/post.ts'

const publicOnes = ['93.184.216.34', '8.8.8.8', '172.32.0.1', '2606:2800:220:1:248:1893:25c8:1946', '::ffff:8.8.8.8']
const privateOnes = [
  ...['10.0.0.1', '127.0.0.1', '127.8.8.8', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1', '198.18.0.1', '192.0.2.1'],
  ...['::1', 'fc00::1', 'fd12::1', '::ffff:10.0.0.1', '::ffff:7f00:1', '64:ff9b::192.168.0.1', '2002:7f00:1::', '2001:db8::1'],
]
const impossible = [
  '0.0.0.0',
  '169.254.169.254',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  'fe80::1',
  'fe80::1%eth0',
  'ff02::1',
  '::ffff:169.254.169.254',
  'x',
]

describe('addresses that alerts go to', () => {
  it.each(publicOnes)('%s is public', (address) => expect(addressRefusal(address, false)).toBeNull())
  it.each(privateOnes)('%s only where it is allowed', (address) => {
    expect([addressRefusal(address, false), addressRefusal(address, true)]).toEqual(['private', null])
  })
  it.each(impossible)('%s never', (address) =>
    expect([addressRefusal(address, false), addressRefusal(address, true)]).toEqual(['never', 'never']),
  )
})

describe('a post', () => {
  const body = { headers: {}, body: '{}', allowsPrivate: false }

  it('goes nowhere if any address of the name is not public', async () => {
    const resolve = async () => [
      { address: '93.184.216.34', family: 4 },
      { address: '192.168.0.7', family: 4 },
    ]
    const outcome = await post({ ...body, url: 'http://hooks.example.test/x' }, resolve)
    expect(outcome).toMatchObject({ ok: false, code: 'channel.address', isFinal: true, message: expect.stringContaining('192.168.0.7') })
  })

  it.each([
    'ftp://example.test/',
    'file:///etc/passwd',
    'https://user:word@example.test/',
    'nothing',
    'http://[::1]/',
    'http://2130706433/',
    'http://0x7f.1/',
  ])('refuses %s', async (url) => expect(await post({ ...body, url })).toMatchObject({ ok: false, isFinal: true, code: 'channel.address' }))

  it('tries again if the name is not found', async () => {
    const outcome = await post({ ...body, url: 'http://nowhere.invalid/' }, () => Promise.reject(new Error('ENOTFOUND')))
    expect(outcome).toMatchObject({ ok: false, isFinal: false })
  })
})
