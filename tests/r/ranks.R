# Reference values for the comparisons without survival, from base R on data that lifelines ships.
# Made again by: python tests/methods/r_values.py (exports the data, runs this, writes tests/r/ranks.json).
# Usage: Rscript ranks.R FOLDER, with one CSV per data set in FOLDER; writes JSON to standard output.
folder <- commandArgs(trailingOnly = TRUE)[1]
rd <- function(name) read.csv(file.path(folder, paste0(name, ".csv")), check.names = FALSE, na.strings = c("", "NA"))

json <- function(x) {
  if (is.list(x) || !is.null(names(x))) {
    x <- as.list(x)
    fields <- mapply(function(k, v) paste0('"', k, '": ', json(v)), names(x), x)
    return(paste0("{", paste(fields, collapse = ", "), "}"))
  }
  one <- ifelse(is.finite(x), sprintf("%.17g", as.numeric(suppressWarnings(as.numeric(x)))), paste0('"', x, '"'))
  if (length(x) == 1) one else paste0("[", paste(one, collapse = ", "), "]")
}

means <- function(x, y) {
  h <- t.test(x, y)
  list(t = unname(h$statistic), df = unname(h$parameter), p = h$p.value, difference = mean(x, na.rm = TRUE) - mean(y, na.rm = TRUE),
       lower = h$conf.int[1], upper = h$conf.int[2])
}
normal <- function(x, y) {
  h <- suppressWarnings(wilcox.test(x, y, exact = FALSE, conf.int = TRUE))
  list(W = unname(h$statistic), p = h$p.value, lower = h$conf.int[1], upper = h$conf.int[2],
       shift = median(outer(x[!is.na(x)], y[!is.na(y)], "-")))
}
untied <- function(x, y) {
  h <- wilcox.test(x, y, exact = TRUE, conf.int = TRUE)
  list(W = unname(h$statistic), p = h$p.value, lower = h$conf.int[1], upper = h$conf.int[2], shift = unname(h$estimate))
}
# every way to deal the mid-ranks, one by one
dealt <- function(x, y) {
  r <- rank(c(x, y)); n <- length(x)
  sums <- combn(r, n, sum); far <- abs(sums - n * mean(r)) >= abs(sum(r[1:n]) - n * mean(r)) - 1e-9
  list(W = sum(r[1:n]) - n * (n + 1) / 2, p = mean(far), ways = length(sums))
}
association <- function(a, b) {
  t <- table(a, b); h <- suppressWarnings(chisq.test(t, correct = FALSE))
  list(rows = nrow(t), counts = as.vector(t(t)), fisher = fisher.test(t, workspace = 2e7)$p.value, chi2 = unname(h$statistic),
       df = unname(h$parameter), p = h$p.value)
}
share <- function(x, n) list(x = x, n = n, exact = binom.test(x, n)$conf.int[1:2],
                             wilson = suppressWarnings(prop.test(x, n, correct = FALSE))$conf.int[1:2])
samples <- function(v, g) { h <- kruskal.test(v, factor(g)); k <- oneway.test(v ~ factor(g), var.equal = TRUE)
  list(H = unname(h$statistic), df = unname(h$parameter), p = h$p.value, F = unname(k$statistic), anova_p = k$p.value) }
types <- function(x) sapply(1:9, function(k) unname(quantile(x, c(.1, .25, .5, .75, .9), type = k, na.rm = TRUE)))

lung <- rd("lung"); larynx <- rd("larynx"); gbsg2 <- rd("gbsg2"); rossi <- rd("rossi"); g3 <- rd("g3")
heart <- rd("stanford_heart_transplants"); patients <- rd("psychiatric_patients")
stage <- larynx$Stage_II + 2 * larynx$Stage_III + 3 * larynx$Stage_IV
heart <- heart[!duplicated(heart$id), ][1:40, ]
graft <- heart$year > median(heart$year)
gbsg2$old <- cut(gbsg2$age, c(0, 40, 50, 60, 100), labels = FALSE); grade <- match(gbsg2$tgrade, c("I", "II", "III"))
decade <- pmin(pmax(larynx$age %/% 10, 5), 7)
p <- c(0.011, NA, 0.02, 0.02, 0.3, 0.0004, NA, 0.9)
trend <- prop.trend.test(table(grade, gbsg2$horTh)[, "yes"], table(grade))

out <- list(
  meta = list(r = R.version.string, stats = as.character(packageVersion("stats"))),
  welch = list(age = means(lung$age[lung$sex == 1], lung$age[lung$sex == 2]), meal = means(lung$meal.cal[lung$sex == 1], lung$meal.cal[lung$sex == 2]),
               log_progrec = means(log(gbsg2$progrec[gbsg2$horTh == "yes"] + 1), log(gbsg2$progrec[gbsg2$horTh == "no"] + 1))),
  wilcoxon = list(weight = normal(lung$wt.loss[lung$sex == 1], lung$wt.loss[lung$sex == 2]), estrec = normal(gbsg2$estrec[gbsg2$horTh == "yes"], gbsg2$estrec[gbsg2$horTh == "no"])),
  untied = list(heart = untied(heart$age[graft], heart$age[!graft])),
  dealt = list(g3_age = dealt(g3$age[g3$group == "RIT"], g3$age[g3$group != "RIT"]), g3_time = dealt(g3$time[g3$group == "RIT"], g3$time[g3$group != "RIT"]),
               sex = dealt(patients$T[patients$sex == 1][1:7], patients$T[patients$sex == 2][1:8])),
  samples = list(larynx = samples(larynx$age, stage), gbsg2 = samples(gbsg2$pnodes, gbsg2$tgrade)),
  tables = list(glioma = association(g3$sex, g3$group), race = association(rossi$race, rossi$fin), ecog = association(lung$sex, lung$ph.ecog),
                stage = association(stage, decade), grade = association(gbsg2$horTh, grade), old = association(gbsg2$old, gbsg2$horTh)),
  trend = list(yes = as.integer(table(grade, gbsg2$horTh)[, "yes"]), n = as.integer(table(grade)), chi2 = unname(trend$statistic), p = trend$p.value),
  spearman = list(meal = with(suppressWarnings(cor.test(lung$age, lung$meal.cal, method = "spearman", exact = FALSE)), list(rho = unname(estimate), p = p.value))),
  quantiles = list(meal = types(lung$meal.cal), sojourn = types(patients$T)),
  shares = list(none = share(0, 11), one = share(1, 12), most = share(11, 12), all = share(12, 12), arrests = share(sum(rossi$arrest), nrow(rossi))),
  adjusted = list(given = p, holm = p.adjust(p, "holm"), hochberg = p.adjust(p, "hochberg"), bh = p.adjust(p, "BH")))
cat(json(out), "\n")
