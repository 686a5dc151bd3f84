@echo off
rem The command line of an installed console, with the Node that came along.
"%~dp0..\node\node.exe" "%~dp0..\app.asar.unpacked\dist\console\muster.mjs" %*
exit /b %ERRORLEVEL%
