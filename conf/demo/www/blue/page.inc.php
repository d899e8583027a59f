<?php
/** Ids of this process, from the kernel: they need no PHP extension. */
function identity(): array
{
    $status = file_get_contents('/proc/self/status');
    preg_match('/^Uid:\s+(\d+)/m', $status, $uid);
    preg_match('/^Gid:\s+(\d+)/m', $status, $gid);
    return ['uid' => (int) $uid[1], 'gid' => (int) $gid[1]];
}

function escape(string $text): string
{
    return htmlspecialchars($text, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8');
}

function page(string $title, callable $body): void
{
    header('Content-Type: text/html; charset=utf-8');
    $colour = str_starts_with($_SERVER['SERVER_NAME'], 'green') ? '#1d7a46' : '#2456b8'; ?>
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title><?= escape($title) ?></title>
<style>
body { font: 17px/1.6 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem; color: #222 }
h1 { color: <?= $colour ?>; border-bottom: 3px solid; padding-bottom: .3rem }
a { color: <?= $colour ?> }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .45rem .8rem .45rem 0; border-bottom: 1px solid #ddd }
.lead { font-size: 1.2em }
.note { background: #fff6d8; padding: .6rem .9rem; border-radius: 6px }
textarea, input { font: inherit; width: 100%; box-sizing: border-box; padding: .4rem; margin: .2rem 0 .8rem }
button { font: inherit; color: #fff; background: <?= $colour ?>; border: 0; border-radius: 6px; padding: .5rem 1.2rem }
article { border-left: 4px solid <?= $colour ?>; padding-left: 1rem; margin: 1.2rem 0 }
small { color: #777 }
</style>
</head>
<body>
<h1><?= escape($title) ?></h1>
<?php $body(); ?>
</body>
</html>
<?php }
