/**
 * The program that child processes are forked with. Within Electron `process.execPath` is the application itself, whose fuse `runAsNode` is
 * off: there the desktop names the Node binary that the package ships.
 */
export function nodeBinary(): string {
  return process.env['MUSTER_NODE'] ?? process.execPath
}
