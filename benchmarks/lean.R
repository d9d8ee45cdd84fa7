# The tables and figures of ordinary.py, the lean way in R: `Rscript benchmarks/lean.R DATA OUT [CHROMIUM]`.
#
# survival, cmprsk, base graphics and kable; a page of HTML, and given the path to Chromium a PDF that it prints. Like
# ordinary.py it checks nothing, names no method and addresses no number. Table 1 is base R, because Debian 12 has no
# package of tableone: medians, shares, P values and standardised differences are a few lines, and quicker to load.
# Nothing else is made slow or quick: functions are called as their manuals show.

library(survival)
library(cmprsk)
library(knitr)

argument <- commandArgs(trailingOnly = TRUE) # folder of the data, folder of the report, path to Chromium
arms <- c(R = "Recipient-derived", D = "Donor-derived")
colours <- c(R = "#1f77b4", D = "#ff7f0e")

# ---- words, tables and figures

as_p <- function(p) ifelse(is.na(p), "", ifelse(p < 0.001, "&lt;0.001", sprintf("%.3f", p)))
interval <- function(x, digits = 1) {
  text <- ifelse(is.na(x), "NR", sprintf("%.*f", digits, x))
  sprintf("%s (%s&ndash;%s)", text[1], text[2], text[3])
}
share <- function(hit) {
  limits <- 100 * binom.test(sum(hit), length(hit))$conf.int
  sprintf("%d/%d (%.0f%%; %.0f&ndash;%.0f)", sum(hit), length(hit), 100 * mean(hit), limits[1], limits[2])
}
fisher <- function(x, arm) {
  counts <- table(x, arm)
  if (min(dim(counts)) > 1) fisher.test(counts)$p.value else NA
}
wilcoxon <- function(x, arm) {
  parts <- split(x[!is.na(x)], arm[!is.na(x)])
  if (min(lengths(parts)) > 0) wilcox.test(parts$R, parts$D, exact = FALSE)$p.value else NA
}
between <- function(x, low, high) x >= low & x <= high
as_table <- function(rows, ...) kable(rows, format = "html", escape = FALSE, ...)

figure <- function(title, drawing, height = 4.2) {
  file <- tempfile(fileext = ".svg")
  svg(file, 6.5, height, pointsize = 10)
  drawing # an argument is evaluated where it is used: here, on this device
  dev.off()
  sprintf('<figure><img src="%s"><figcaption>%s</figcaption></figure>', image_uri(file), title)
}

# ---- Table 1

smd_number <- function(x, arm) {
  of <- function(f) tapply(x, arm, f, na.rm = TRUE)
  abs(diff(of(mean))) / sqrt(mean(of(var)))
}
smd_levels <- function(x, arm) {
  shares <- prop.table(table(x, arm), 2)[-1, , drop = FALSE]
  spread <- lapply(1:2, function(i) diag(shares[, i], nrow(shares)) - tcrossprod(shares[, i]))
  gap <- shares[, 1] - shares[, 2]
  tryCatch(sqrt(drop(gap %*% solve((spread[[1]] + spread[[2]]) / 2, gap))), error = function(e) NA)
}
quartiles <- function(x) {
  q <- signif(quantile(x, c(0.5, 0.25, 0.75), na.rm = TRUE), 4)
  sprintf("%s [%s, %s]", q[1], q[2], q[3])
}
characteristics <- function(data, columns, test = TRUE) {
  rows <- lapply(columns, function(name) {
    x <- data[[name]]
    gaps <- sum(is.na(x))
    if (length(unique(na.omit(x))) > 5) {
      cells <- cbind(paste0(name, ", median [Q1, Q3]"), gaps, quartiles(x), t(tapply(x, data$arm, quartiles)))
      return(cbind(cells, if (test) cbind(as_p(wilcoxon(x, data$arm)), sprintf("%.2f", smd_number(x, data$arm)))))
    }
    counts <- table(x, data$arm)
    counts <- cbind(rowSums(counts), counts) # all patients, then each arm
    counted <- matrix(sprintf("%d (%.1f)", counts, 100 * prop.table(counts, 2)), ncol = 3)
    first <- function(value) c(value, rep("", nrow(counts) - 1))
    cells <- cbind(paste0(name, ", n (%): ", rownames(counts)), first(gaps), counted)
    smd <- sprintf("%.2f", smd_levels(x, data$arm))
    cbind(cells, if (test) cbind(first(as_p(fisher(x, data$arm))), first(smd)))
  })
  sizes <- sprintf("%s (n = %d)", c("Overall", arms), c(nrow(data), table(data$arm)))
  as_table(do.call(rbind, rows), col.names = c("", "Missing", sizes, if (test) c("P", "SMD")), row.names = FALSE)
}

# ---- survival and incidence

key <- function(told) {
  mtext(told, line = 1.5, adj = 0)
  legend("topleft", arms, col = colours, lwd = 2, bty = "n", horiz = TRUE, inset = c(0, -0.11), xpd = NA)
}

survival <- function(data, name, times, ticks, label) {
  time <- data[[paste0(name, "_months")]]
  event <- data[[paste0(name, "_event")]]
  fit <- survfit(Surv(time, event) ~ arm, data, conf.type = "log-log")
  p <- pchisq(survdiff(Surv(time, event) ~ arm, data)$chisq, 1, lower.tail = FALSE)
  hazard <- summary(coxph(Surv(time, event) ~ I(arm == "R"), data))$conf.int[1, c(1, 3, 4)]
  drawn <- figure(label, height = 5, {
    par(mar = c(9, 9, 4, 1), las = 1)
    plot(fit, col = colours, lwd = 2, conf.int = TRUE, mark.time = TRUE, xaxt = "n", ylab = label, xlab = "Months")
    axis(1, ticks)
    key(sprintf("HR %.2f; log-rank P = %.3f", hazard[1], p))
    at_risk <- matrix(summary(fit, times = ticks, extend = TRUE)$n.risk, nrow = 2, byrow = TRUE)
    mtext(c("At risk", arms), 1, line = 4.5 + 0:2, at = -4, adj = 1)
    for (i in 1:2) mtext(at_risk[i, ], 1, line = 4.5 + i, at = ticks, col = colours[i])
  })
  found <- summary(fit)$table
  at <- summary(fit, times = times, extend = TRUE)
  at <- sprintf("%.0f%% (%.0f&ndash;%.0f)", 100 * at$surv, 100 * at$lower, 100 * at$upper)
  means <- sapply(times, function(t) sprintf("%.1f", summary(fit, rmean = t)$table[, "rmean"]))
  medians <- apply(found[, c("median", "0.95LCL", "0.95UCL")], 1, interval)
  last <- cbind(c(interval(hazard, 2), as_p(p)), "")
  rows <- rbind(found[, "events"], medians, matrix(at, ncol = 2), t(means), last)
  heads <- c(paste("At", times, "months"), paste("Mean to", times))
  rownames(rows) <- c("Events", "Median (95% CI)", heads, "Hazard ratio", "Log-rank P")
  list(figure = drawn, table = as_table(rows, col.names = arms))
}

incidence <- function(data, name, unit) {
  status <- data[[paste0(name, "_event")]]
  found <- cuminc(data[[paste0(name, "_", unit)]], status, data$arm, cencode = 0)
  list(curves = found[paste(names(arms), 1)], p = if (is.null(found$Tests)) NA else found$Tests["1", "pv"])
}

incidence_figure <- function(found, title, unit) {
  figure(title, {
    par(mar = c(4, 4, 4, 1), las = 1)
    end <- max(sapply(found$curves, function(curve) max(curve$time)))
    plot(NA, xlim = c(0, end), ylim = c(0, 1), xlab = unit, ylab = "Cumulative incidence")
    for (i in 1:2) {
      curve <- found$curves[[i]]
      lines(curve$time, curve$est, col = colours[i], lwd = 2)
      wide <- exp(1.96 * sqrt(curve$var) / (curve$est * log(curve$est)))
      lines(curve$time, curve$est^wide, col = colours[i], lty = 2)
      lines(curve$time, curve$est^(1 / wide), col = colours[i], lty = 2)
    }
    key(sprintf("Gray's test: P = %.3f", found$p))
  })
}

incidence_table <- function(found, times, unit) {
  at <- function(curve) curve$est[findInterval(times, curve$time)] # the last step up to each time
  shares <- sapply(found$curves, function(curve) sprintf("%.0f%%", 100 * at(curve)))
  rows <- rbind(matrix(shares, ncol = 2), c(as_p(found$p), ""))
  rownames(rows) <- c(paste("At", times, unit), "P, Gray's test")
  as_table(rows, col.names = arms)
}

# ---- courses and grades

kinetics <- function(series, name, limit, window, title) {
  rows <- series[series$analyte == name & between(series$day, window[1], window[2]), ]
  rows <- rows[order(rows$subject, rows$day), ]
  rows$value[rows$qualifier %in% "<"] <- limit / 2
  course <- figure(paste0(title, ": course"), height = 3.4, {
    par(mfrow = c(1, 2), mar = c(5, 5, 2, 1), mgp = c(3.6, 0.8, 0), las = 1)
    for (arm in names(arms)) {
      mine <- rows[rows$arm == arm, ]
      plot(NA, xlim = window, ylim = range(rows$value), log = "y", xlab = "Day", ylab = title, main = arms[arm])
      middle <- sapply(split(mine$value, mine$day), quantile, c(0.25, 0.5, 0.75))
      days <- as.numeric(colnames(middle))
      polygon(c(days, rev(days)), c(middle[1, ], rev(middle[3, ])), col = adjustcolor(colours[arm], 0.2), border = NA)
      for (one in split(mine, mine$subject)) lines(one$day, one$value, col = adjustcolor(colours[arm], 0.35), lwd = 0.7)
      lines(days, middle[2, ], col = colours[arm], lwd = 2)
      abline(h = limit, lty = 3, col = "grey")
    }
  })
  made <- do.call(rbind, lapply(split(rows, rows$subject), function(one) {
    top <- which.max(one$value)
    area <- sum(diff(one$day) * (head(one$value, -1) + tail(one$value, -1)) / 2)
    data.frame(arm = one$arm[1], Peak = one$value[top], `Time to peak` = one$day[top], Area = area, check.names = FALSE)
  }))
  peaks <- figure(paste0(title, ": peak and time to peak"), height = 3.2, {
    par(mfrow = c(1, 2), mar = c(3, 5, 1, 1), mgp = c(3.6, 1.2, 0), las = 1)
    for (measure in c("Peak", "Time to peak")) {
      values <- setNames(split(made[[measure]], made$arm), sub("-", "-\n", arms))
      boxplot(values, outline = FALSE, ylim = range(values), ylab = measure, log = if (measure == "Peak") "y" else "")
      stripchart(values, vertical = TRUE, method = "jitter", pch = 16, cex = 0.7, col = colours, add = TRUE)
    }
  })
  cells <- t(sapply(made[-1], function(x) {
    c(tapply(x, made$arm, function(x) interval(quantile(x, c(0.5, 0.25, 0.75)))), as_p(wilcoxon(x, made$arm)))
  }))
  c(course, peaks, as_table(cells, col.names = c(arms, "P")))
}

toxicity <- function(worst, arm, title) {
  drawn <- figure(title, height = 2.8, {
    par(mfrow = c(1, length(worst)), mar = c(4, 2, 2, 1), las = 1)
    for (term in names(worst)) {
      counts <- table(worst[[term]], arm)
      shades <- hcl.colors(max(2, nrow(counts)), "Blues", rev = TRUE)[seq_len(nrow(counts))]
      barplot(
        100 * prop.table(counts, 2), horiz = TRUE, main = term, xlab = "% of patients", xlim = c(0, 130), col = shades,
        legend.text = rownames(counts), args.legend = list(x = "right", bty = "n", title = "Grade")
      )
    }
  })
  cells <- t(sapply(worst, function(grade) {
    reached <- function(hit) c(tapply(hit, arm, share), as_p(fisher(hit, arm)))
    c(reached(grade >= 1), reached(grade >= 3), as_p(wilcoxon(grade, arm)))
  }))
  heads <- paste0(rep(c(arms, "P"), 2), ", ", rep(c("any grade", "grade 3 or more"), each = 3))
  c(drawn, as_table(cells, col.names = c(heads, "P, ordered")))
}

# ---- data

read <- function(name) read.csv(file.path(argument[1], paste0(name, ".csv")), na.strings = "")
s <- read("subjects")
dates <- grep("_date$", names(s))
s[dates] <- lapply(s[dates], as.Date)
s$arm <- factor(s$arm, names(arms))
dated <- function(name) {
  rows <- merge(read(name), s[c("subject", "arm", "infusion_date")], by = "subject", sort = FALSE)
  rows$day <- as.numeric(as.Date(rows$date) - rows$infusion_date)
  rows
}
series <- dated("series")
drugs <- dated("treatments")
by_subject <- function(value, subject, f) {
  found <- tapply(value, subject, f)
  as.vector(found[match(s$subject, names(found))])
}
latest <- function(x) tail(x, 1)
last <- function(analyte, low, high) {
  rows <- series[series$analyte == analyte & between(series$day, low, high), ]
  rows <- rows[order(rows$day), ]
  by_subject(rows$value, rows$subject, latest)
}
s$hsct_to_relapse <- as.numeric(s$relapse_before_date - s$hsct_date)
s$apheresis_to_infusion <- as.numeric(s$infusion_date - s$apheresis_date)
s$chimerism_relapse <- last("chimerism_marrow", -365, -1)
s$chimerism_product <- last("chimerism_product", -1, 1)
s$chimerism_d28 <- last("chimerism_marrow", 21, 42)
early <- between(drugs$day, 0, 30)
for_toxicity <- drugs$drug %in% c("dexamethasone", "methylprednisolone") & drugs$reason %in% c("CRS", "ICANS")
s$tocilizumab <- s$subject %in% drugs$subject[early & drugs$drug == "tocilizumab"]
s$steroids <- s$subject %in% drugs$subject[early & for_toxicity]
s$second_transplant <- s$subject %in% drugs$subject[drugs$drug == "hsct" & drugs$reason %in% "consolidation"]
endpoint <- function(name, events, censor, competing = NULL) {
  event <- do.call(pmin, c(s[events], na.rm = TRUE))
  day <- do.call(pmin, c(s[c(events, competing, censor)], na.rm = TRUE))
  other <- if (is.null(competing)) FALSE else s[[competing]] <= day
  days <- as.numeric(day - s$infusion_date)
  status <- ifelse((event <= day) %in% TRUE, 1, ifelse(other %in% TRUE, 2, 0))
  s[paste0(name, c("_event", "_days", "_months"))] <<- list(status, days, days / 30.4375)
}
endpoint("pfs", c("relapse_date", "progression_date", "death_date"), "last_assessment_date")
endpoint("os", "death_date", "last_contact_date")
endpoint("relapse", c("relapse_date", "progression_date"), "last_assessment_date", "death_date")
near <- subset(dated("responses"), between(day, 21, 42))
near <- near[order(abs(near$day - 28)), ]
near <- near[match(s$subject, near$subject), ]
remission <- near$response %in% c("CR", "CRi")
answers <- list(
  `CR or CRi` = remission, CR = near$response %in% "CR", CRi = near$response %in% "CRi",
  `MRD-negative` = remission & (near$mrd < 1e-4 & near$mrd_sensitivity <= 1e-4) %in% TRUE
)
response <- t(sapply(answers, function(hit) c(tapply(hit, s$arm, share), as_p(fisher(hit, s$arm)))))
events <- subset(dated("events"), between(day, 0, 30))
worst <- lapply(c(CRS = "crs", ICANS = "icans"), function(term) {
  rows <- events[events$term == term, ]
  grade <- by_subject(rows$grade, rows$subject, max)
  ifelse(is.na(grade), 0, grade)
})
cuts <- list(
  Neutropenia = list("anc", c(0.5, 1, 1.5), 4:2), Anemia = list("hb", c(80, 100), 3:2),
  Thrombocytopenia = list("platelets", c(25, 50, 75), 4:2)
)
cytopenias <- lapply(cuts, function(cut) {
  rows <- series[series$analyte == cut[[1]], ]
  rows <- rows[order(rows$day), ]
  rows$grade <- pmax(c(cut[[3]], 0)[findInterval(rows$value, cut[[2]]) + 1], (rows$value < rows$lln) %in% TRUE)
  after <- rows[between(rows$day, 0, 30), ]
  before <- rows[rows$day < 0, ]
  list(worst = by_subject(after$grade, after$subject, max), before = by_subject(before$grade, before$subject, latest))
})
shift <- sapply(names(cytopenias), function(term) {
  found <- cytopenias[[term]]
  crossed <- table(paste0(arms[s$arm], ", ", found$before), found$worst)
  as_table(as.data.frame.matrix(crossed), caption = paste0(term, ": worst grade by the grade before"))
})
follow <- as.numeric(s$last_contact_date - s$infusion_date)
counts <- subset(series, analyte == "anc" & day > 5 & value > 0.5)
recovered <- by_subject(counts$day, counts$subject, min)
s$recovery_days <- ifelse(is.na(recovered), follow, recovered)
s$recovery_event <- as.numeric(!is.na(recovered))
organs <- c("skin", "liver", "upper_gi", "lower_gi")
gvhd <- subset(dated("gvhd"), between(day, 0, 100) & !duplicated(subject))
mine <- match(s$subject, gvhd$subject)
onset <- gvhd$day[mine] # nothing for those who had none
s$agvhd_days <- ifelse(is.na(onset), follow, onset)
s$agvhd_event <- ifelse(!is.na(onset), 1, ifelse(s$os_event == 1, 2, 0))
stage <- do.call(pmax, gvhd[organs])[mine]

# ---- the page

baseline <- c(
  "age", "sex", "ecog", "ph_pos", "tp53", "emd", "donor_type", "conditioning", "prior_agvhd", "prior_cgvhd",
  "hsct_to_relapse", "chimerism_relapse", "prior_lines", "prior_blinatumomab", "bridging", "blasts_bl", "mrd_bl"
)
product <- c("apheresis_to_infusion", "dose", "viability", "transduction", "chimerism_product", "chimerism_d28")
management <- c("tocilizumab", "steroids", "second_transplant")
ticks <- c(0, 6, 12, 18, 24, 36, 48)
flow <- cbind(patients = colSums(read("screening")[c("apheresed", "manufactured", "infused")]))
reverse <- summary(survfit(Surv(os_months, 1 - os_event) ~ 1, s))$table["median"]
followed <- sprintf("<p>Median follow-up %.1f months.</p>", reverse)
pfs <- survival(s, "pfs", c(6, 12), ticks, "Progression-free survival")
os <- survival(s, "os", c(6, 12), ticks, "Overall survival")
relapse <- incidence(s, "relapse", "months")
died <- subset(s, !is.na(death_date))
sections <- list(
  "Patients" = c(as_table(flow), followed, characteristics(s, baseline)),
  "Product" = characteristics(s, product),
  "Response" = as_table(response, col.names = c(arms, "P")),
  "Survival" = c(
    pfs$figure, os$figure, pfs$table, os$table, incidence_figure(relapse, "Relapse or progression", "Months"),
    incidence_table(relapse, c(6, 12), "months"), characteristics(died, "death_cause", test = FALSE)
  ),
  "CAR-T cell kinetics" = kinetics(series, "cart", 50, c(1, 28), "CAR transgene"),
  "Interleukin-6" = kinetics(series, "il6", 1.5, c(0, 28), "Interleukin-6"),
  "Toxicity" = c(toxicity(worst, s$arm, "CRS and ICANS"), characteristics(s, management)),
  "Cytopenias" = c(
    toxicity(lapply(cytopenias, `[[`, "worst"), s$arm, "Cytopenias"), shift,
    incidence_table(incidence(s, "recovery", "days"), c(14, 28), "days")
  ),
  "Acute GVHD" = c(
    toxicity(list(`Acute GVHD` = ifelse(is.na(stage), 0, stage)), s$arm, "Acute GVHD"),
    incidence_figure(incidence(s, "agvhd", "days"), "Acute GVHD", "Days"), characteristics(gvhd, organs, test = FALSE)
  )
)
style <- '@page { size: A4; margin: 20mm } body { font: 10pt/1.4 "Liberation Serif", serif }
table { border-collapse: collapse; font-size: 8.5pt; width: 100% } figure, table { margin: 8pt 0 } img { width: 100% }
th, td { text-align: left; padding: 1pt 4pt; vertical-align: top } thead th { border-bottom: 0.5pt solid }
tr { break-inside: avoid }'
start <- '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Results</title><style>'
body <- mapply(function(title, parts) c(sprintf("<h2>%s</h2>", title), parts), names(sections), sections)
dir.create(argument[2], showWarnings = FALSE, recursive = TRUE)
page <- file.path(normalizePath(argument[2]), "report.html")
writeLines(c(start, style, "</style></head><body><h1>Results</h1>", unlist(body), "</body></html>"), page)

if (length(argument) > 2) {
  pdf_file <- sub("html$", "pdf", page)
  unlink(pdf_file)
  options <- c(
    "--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", paste0("--user-data-dir=", tempfile("profile")), "--no-pdf-header-footer",
    if (Sys.info()[["effective_user"]] == "root") "--no-sandbox", # Chromium won't start as root with it
    shQuote(paste0("--print-to-pdf=", pdf_file)), shQuote(paste0("file://", page))
  )
  code <- system2(argument[3], options, stdout = FALSE, stderr = FALSE, timeout = 120)
  if (code != 0 || !file.exists(pdf_file)) stop("Chromium printed no PDF (exit code ", code, ")")
}
