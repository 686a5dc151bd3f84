import { contextBridge, ipcRenderer } from 'electron'
import type { HostBridge } from '../../shared/host/bridge.ts'
import { hostChannels } from '../../shared/host/channels.ts'

const toPage = (message: object, ports: MessagePort[] = []): void => window.postMessage(message, window.location.origin, ports)

ipcRenderer.on(hostChannels.port, (event) => toPage({ muster: 'port' }, [...event.ports]))
ipcRenderer.on(hostChannels.tell, (_event, message: object) => toPage(message))

const bridge: HostBridge = {
  connect: () => ipcRenderer.send(hostChannels.connect),
  call: (method, input) => ipcRenderer.invoke(hostChannels.call, { method, input }) as Promise<unknown>,
}

// The one thing that the page gets from the desktop; Electron's own objects stay here.
contextBridge.exposeInMainWorld('muster', bridge)
