# Installs the agent from this folder, as administrator: powershell -ExecutionPolicy Bypass -File install.ps1
# Node is no Windows service program, so the agent becomes a task that starts with the system and is started again when it ends.
param([string]$Prefix = "$env:ProgramFiles\Muster Agent", [string]$State = "$env:ProgramData\Muster Agent")
$ErrorActionPreference = 'Stop'
foreach ($line in Get-Content "$PSScriptRoot\SHA256SUMS") {
  $sum, $name = $line -split '  ', 2
  if ((Get-FileHash -Algorithm SHA256 "$PSScriptRoot\$name").Hash -ne $sum) { throw "$name is damaged" }
}
& "$PSScriptRoot\bin\muster-agent.cmd" doctor --self-check
if ($LASTEXITCODE -ne 0) { throw 'The self-check failed.' }
New-Item -ItemType Directory -Force $Prefix, $State | Out-Null
Copy-Item -Recurse -Force "$PSScriptRoot\*" $Prefix
# Only the account of the service and administrators read identity, spool and models.
icacls $State /inheritance:r /grant 'NT AUTHORITY\LOCAL SERVICE:(OI)(CI)F' 'BUILTIN\Administrators:(OI)(CI)F' | Out-Null
$action = New-ScheduledTaskAction -Execute "$Prefix\bin\muster-agent.cmd" -Argument "run --dir `"$State`""
$settings = New-ScheduledTaskSettingsSet -RestartCount 999 -RestartInterval (New-TimeSpan -Minutes 1) -ExecutionTimeLimit ([TimeSpan]::Zero)
Register-ScheduledTask -Force -TaskName 'Muster Agent' -Action $action -Trigger (New-ScheduledTaskTrigger -AtStartup) `
  -User 'NT AUTHORITY\LOCAL SERVICE' -Settings $settings | Out-Null
Write-Output "Installed in $Prefix. Enrol, then start it:"
Write-Output "  & '$Prefix\bin\muster-agent.cmd' enroll --dir '$State' --broker URL --code CODE"
Write-Output "  Start-ScheduledTask 'Muster Agent'"
