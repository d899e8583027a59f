{
  # Everything native, in one file at the root: gyp builds it as part of `npm install`, and objects of
  # separate binding files would collide in build/Release.
  'target_defaults': {
    'cflags': ['-std=gnu11', '-Wall', '-Wextra', '-Werror', '-Wconversion', '-fstack-protector-strong'],
    'cflags!': ['-fno-omit-frame-pointer'],
    'defines': ['_GNU_SOURCE', '_FORTIFY_SOURCE=2'],
    'include_dirs': ['src/itk'],
  },
  'targets': [
    {
      'target_name': 'itkd',
      'sources': ['src/native/addon.c', 'src/native/listen.c', 'src/native/channel.c', 'src/native/channel-methods.c', 'src/native/receive.c', 'src/native/process.c', 'src/native/poller.c', 'src/native/precedence.c', 'src/native/stat.c', 'src/native/stream.c', 'src/itk/orphans.c'],
    },
    {
      'target_name': 'itk',
      'type': 'executable',
      'cflags': ['-fPIE'],
      'ldflags': ['-pie', '-Wl,-z,relro,-z,now'],
      'sources': ['src/itk/itk.c', 'src/itk/policy.c', 'src/itk/records.c', 'src/itk/identity.c', 'src/itk/keyring.c', 'src/itk/sockets.c', 'src/itk/services.c', 'src/itk/watching.c', 'src/itk/throttle.c', 'src/itk/launch.c', 'src/itk/children.c', 'src/itk/ending.c', 'src/itk/report.c', 'src/itk/orphans.c'],
    },
    {
      'target_name': 'itk-launch',
      'type': 'executable',
      'cflags': ['-fPIE'],
      'ldflags': ['-pie', '-Wl,-z,relro,-z,now'],
      'sources': ['src/itk/itk-launch.c', 'src/itk/identity.c', 'src/itk/keyring.c'],
    },
    {
      'target_name': 'itk-files',
      'type': 'executable',
      'cflags': ['-fPIE'],
      'ldflags': ['-pie', '-Wl,-z,relro,-z,now'],
      'sources': ['handlers/static/worker/itk-files.c', 'handlers/static/worker/policy.c', 'handlers/static/worker/request.c', 'handlers/static/worker/resolve.c', 'handlers/static/worker/enter.c', 'handlers/static/worker/open.c', 'handlers/static/worker/local.c', 'handlers/static/worker/htaccess.c', 'handlers/static/worker/htaccess-judge.c', 'handlers/static/worker/deny.c', 'handlers/static/worker/stream.c', 'handlers/static/worker/answer.c', 'src/itk/records.c', 'src/itk/worker.c'],
    },
    {
      'target_name': 'itk-cgi',
      'type': 'executable',
      'cflags': ['-fPIE'],
      'ldflags': ['-pie', '-Wl,-z,relro,-z,now'],
      'sources': ['handlers/cgi/worker/itk-cgi.c', 'handlers/cgi/worker/serve.c', 'handlers/cgi/worker/session.c', 'handlers/cgi/worker/connection.c', 'handlers/cgi/worker/fastcgi.c', 'handlers/cgi/worker/params.c', 'handlers/cgi/worker/policy.c', 'handlers/cgi/worker/names.c', 'handlers/cgi/worker/environment.c', 'handlers/cgi/worker/arguments.c', 'handlers/cgi/worker/script.c', 'handlers/cgi/worker/check.c', 'handlers/cgi/worker/open.c', 'handlers/cgi/worker/child.c', 'handlers/cgi/worker/run.c', 'handlers/cgi/worker/run-state.c', 'handlers/cgi/worker/usage.c', 'src/itk/records.c', 'src/itk/worker.c'],
    },
    {
      # Preloaded into the sites' programs: nothing of it is seen there but what it takes over.
      'target_name': 'php-bridge',
      'type': 'shared_library',
      'product_prefix': '',
      'product_extension': 'so',
      'cflags': ['-fPIC', '-fvisibility=hidden'],
      'ldflags': ['-Wl,-z,relro,-z,now'],
      'sources': ['php-bridge/bridge/board.c', 'php-bridge/bridge/child.c', 'php-bridge/bridge/children.c', 'php-bridge/bridge/contents.c', 'php-bridge/bridge/deny.c', 'php-bridge/bridge/exchange.c', 'php-bridge/bridge/exec.c', 'php-bridge/bridge/give-up.c', 'php-bridge/bridge/guard.c', 'php-bridge/bridge/hide.c', 'php-bridge/bridge/huge-code.c', 'php-bridge/bridge/huge.c', 'php-bridge/bridge/image.c', 'php-bridge/bridge/intercept-sockets.c', 'php-bridge/bridge/intercept.c', 'php-bridge/bridge/limits.c', 'php-bridge/bridge/load.c', 'php-bridge/bridge/mappings.c', 'php-bridge/bridge/memory-file.c', 'php-bridge/bridge/merge.c', 'php-bridge/bridge/params.c', 'php-bridge/bridge/policy.c', 'php-bridge/bridge/prefault.c', 'php-bridge/bridge/read-ahead.c', 'php-bridge/bridge/records.c', 'php-bridge/bridge/recycle.c', 'php-bridge/bridge/refuse.c', 'php-bridge/bridge/room.c', 'php-bridge/bridge/say.c', 'php-bridge/bridge/script.c', 'php-bridge/bridge/server.c', 'php-bridge/bridge/settings.c', 'php-bridge/bridge/signals.c', 'php-bridge/bridge/snapshot.c', 'php-bridge/bridge/stop.c', 'php-bridge/bridge/threads.c', 'php-bridge/bridge/usage-record.c', 'php-bridge/bridge/usage.c', 'php-bridge/bridge/used-pages.c', 'php-bridge/bridge/wake.c'],
    },
  ],
}
