import { decodeMessage } from '../../../shared/protocol/decode.ts'
import { presenceMessage, type PresenceMessage } from '../../../shared/protocol/presence.ts'

/** What devices last said about being connected, so that a connection that ends without a word leaves no device online. */
export interface PresenceBook {
  /** Takes a presence note in. @returns true if the device went from online to offline with it. */
  note(device: string, json: string): boolean
  isOnline(device: string): boolean
  /** The start of the agent that spoke last; `null`: none has. */
  bootOf(device: string): string | null
  /** The offline form of what the device said last, made at `now` (epoch ms); `null` if it did not say that it is online. */
  offlineNote(device: string, now: number): PresenceMessage | null
  forget(device: string): void
}

/** Opens an empty book: after a restart of the hub nobody is online until it says so. */
export function openPresenceBook(): PresenceBook {
  const last = new Map<string, PresenceMessage>()
  const isOnline = (device: string): boolean => last.get(device)?.status === 'online'
  return {
    note(device, json) {
      const message = decodePresence(json)
      if (message === null || message.device !== device) return false
      const wasOnline = isOnline(device)
      last.set(device, message)
      return wasOnline && message.status === 'offline'
    },
    isOnline,
    bootOf: (device) => last.get(device)?.boot ?? null,
    offlineNote(device, now) {
      const message = last.get(device)
      return message?.status === 'online' ? { ...message, status: 'offline', sentAt: now } : null
    },
    forget: (device) => void last.delete(device),
  }
}

/** `null` for what is no presence message: the core gets it all the same, and refuses it by name. */
function decodePresence(json: string): PresenceMessage | null {
  try {
    return decodeMessage(presenceMessage, json, 'presence')
  } catch {
    return null
  }
}
