import { describe, expect, test } from 'vitest'
import { takeIn } from '../../../../../electron/core/devices/intake.ts'
import type { ForwardedMessage } from '../../../../../electron/core/hub/messages.ts'
import { enrolled, fleetStore, report, T0 } from '../../../../harness/fleet.ts'

function presence(device: string, status: 'online' | 'offline', boot: string, at = T0): ForwardedMessage {
  return {
    name: 'presence',
    sender: device,
    receivedAt: at,
    json: JSON.stringify({ v: 1, sentAt: at, device, status, boot, agentVersion: '0.1.0' }),
  }
}

function reported(device: string, boot: string, sequence: number): ForwardedMessage {
  return { name: 'reported', sender: device, receivedAt: T0, json: JSON.stringify({ ...report(device), boot, sequence }) }
}

describe('presence', () => {
  test('a late last will of an older connection does not take a device offline', () => {
    const store = fleetStore()
    enrolled(store, 'cam-12')
    takeIn(store, [presence('cam-12', 'online', 'boot-1'), presence('cam-12', 'online', 'boot-2'), presence('cam-12', 'offline', 'boot-1')])
    expect(store.devices.find('cam-12')?.status).toBe('online')
    takeIn(store, [presence('cam-12', 'offline', 'boot-2', T0 + 5)])
    expect(store.devices.find('cam-12')).toMatchObject({ status: 'offline', lastSeenAt: T0 + 5 })
  })

  test('a device that is not enrolled leaves no row', () => {
    const store = fleetStore()
    expect(takeIn(store, [presence('stranger', 'online', 'boot-1')]).changed).toBe(false)
    expect(store.devices.all()).toEqual([])
  })
})

describe('reports', () => {
  test('an older one of the same boot is not taken; a new boot begins again', () => {
    const store = fleetStore()
    enrolled(store, 'cam-12')
    const sequences = [reported('cam-12', 'boot-1', 5), reported('cam-12', 'boot-1', 4), reported('cam-12', 'boot-2', 1)].map((message) => {
      takeIn(store, [message])
      return store.devices.find('cam-12')?.reported?.sequence
    })
    expect(sequences).toEqual([5, 5, 1])
  })

  test('a forged sender and a broken message are refused by name, and the rest of the batch counts', () => {
    const store = fleetStore()
    enrolled(store, 'cam-12')
    enrolled(store, 'cam-13')
    const result = takeIn(store, [
      { ...presence('cam-12', 'online', 'boot-1'), sender: 'cam-13' },
      { name: 'reported', sender: 'cam-13', json: '{"v":1', receivedAt: T0 },
      presence('cam-13', 'online', 'boot-1'),
    ])
    expect(result.refused.map((refused) => [refused.sender, refused.code])).toEqual([
      ['cam-13', 'message.malformed'],
      ['cam-13', 'message.malformed'],
    ])
    expect(store.devices.all().map((row) => [row.device, row.status])).toEqual([
      ['cam-12', 'never-seen'],
      ['cam-13', 'online'],
    ])
  })
})
