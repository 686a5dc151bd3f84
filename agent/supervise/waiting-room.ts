import type { Socket } from 'node:net'
import { Problem } from '../../shared/domain/problem.ts'
import type { ServeLimits } from '../runtime/messages.ts'
import { answerJson, answerProblem } from '../runtime/serve/answer.ts'
import { guardRequest } from '../runtime/serve/guard.ts'
import { createHttpServer } from '../runtime/serve/http-server.ts'
import { routeOf } from '../runtime/serve/routes.ts'

/** Connections that wait for a generation; a restart takes a fraction of a second. */
const MAX_WAITING = 256
const MAX_WAIT_MS = 5000

/** Where connections are while no generation can take them. */
export interface WaitingRoom {
  /** Lets a connection wait, or refuses it if too many do; after 5 s it is refused with 503. */
  wait(socket: Socket): void
  /** Answers a connection with 503 at once. */
  refuse(socket: Socket): void
  /** Gives all waiting connections to `take`. */
  release(take: (socket: Socket) => void): void
  stop(): void
}

/** Opens the waiting room. Waiting connections are not read: their bytes stay with them. */
export function openWaitingRoom(isLoopbackOnly: boolean, limits: ServeLimits): WaitingRoom {
  const waiting = new Map<Socket, NodeJS.Timeout>()
  const http = createHttpServer((request, response) => {
    response.setHeader('Connection', 'close')
    try {
      guardRequest(request, isLoopbackOnly)
      const route = routeOf(request.url ?? '/')?.name
      if (route === 'live') answerJson(response, 200, { live: true })
      else if (route === 'ready') answerJson(response, 503, { live: true, ready: false })
      else answerProblem(response, new Problem('runtime.not-ready', 'No model is ready on this device.'))
    } catch (error) {
      answerProblem(response, error)
    }
    return Promise.resolve()
  }, limits)
  const refuse = (socket: Socket): void => {
    clearTimeout(waiting.get(socket))
    waiting.delete(socket)
    http.accept(socket)
  }
  return {
    wait(socket) {
      if (waiting.size >= MAX_WAITING) return refuse(socket)
      waiting.set(
        socket,
        setTimeout(() => refuse(socket), MAX_WAIT_MS),
      )
    },
    refuse,
    release(take) {
      for (const [socket, timer] of waiting) {
        clearTimeout(timer)
        take(socket)
      }
      waiting.clear()
    },
    stop() {
      for (const socket of waiting.keys()) refuse(socket)
      void http.drain(0)
    },
  }
}
