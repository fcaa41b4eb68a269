## The frame of every page. Every expression is escaped by default.
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${self.title()} – FMN</title>
<link rel="stylesheet" href="${request.static_path('webapp:static/style.css')}">
<link rel="icon" type="image/svg+xml" href="${request.static_path('webapp:static/icon.svg')}">
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="column">
<a class="brand" href="${request.route_path('home')}"><img src="${request.static_path('webapp:static/icon.svg')}" alt="" width="28" height="28">FMN</a>
</header>
<main class="column" id="main" tabindex="-1">
${next.body()}
</main>
<footer class="column">
<p>FMN tells you which messages of the project’s bus concern you. <a href="${request.route_path('home')}">What is FMN?</a></p>
</footer>
</body>
</html>
