<?php
require __DIR__ . '/page.inc.php';

$name = strtok($_SERVER['SERVER_NAME'], '.');
$identity = identity();
page("Site $name", function () use ($name, $identity) {
    $other = getenv('DEMO_OTHER');
    $port = $_SERVER['SERVER_PORT'];
    $shared = (bool) getenv('DEMO_SHARED_USER'); ?>
<p class="lead">This page runs as <b>uid <?= $identity['uid'] ?></b>, in process <?= getmypid() ?>.</p>
<?php if ($shared) { ?>
<p class="note">itkd was started without root: both sites run as you. Started as root, each has a user of its own.</p>
<?php } ?>
<table>
<tr><th>PHP</th><td>uid <?= $identity['uid'] ?>, gid <?= $identity['gid'] ?></td></tr>
<tr><th>CGI</th><td><a href="/cgi-bin/who.cgi">who.cgi</a> says the same</td></tr>
<tr><th>Static</th><td><a href="/private.txt">private.txt</a> has mode 0600: only this site's user can read it</td></tr>
<tr><th>Writes</th><td><a href="/guestbook.php">the guestbook</a> keeps its entries in files of this site's user</td></tr>
<tr><th>Neighbour</th><td><a href="http://<?= $other ?>.localhost:<?= $port ?>/"><?= $other ?>.localhost</a> <?= $shared ? 'runs as you, too' : 'runs as somebody else' ?></td></tr>
</table>
<?php });
