@echo off
rem Starts the agent with the Node that came with it, else with the one of the system.
setlocal
set "NODE=%~dp0..\node\node.exe"
if not exist "%NODE%" set "NODE=node"
"%NODE%" --disable-warning=DEP0169 "%~dp0..\lib\muster-agent.mjs" %*
exit /b %ERRORLEVEL%
