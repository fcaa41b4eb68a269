"""What people do, in a real browser: a package, so that one browser serves all of these tests."""
